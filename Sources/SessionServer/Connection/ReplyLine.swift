import SessionProtocol

extension OutputBuffer {
    /// Appends one answer and its line feed. A result that does not fit into a line becomes an error.
    mutating func writeReply(_ reply: Reply, limit: Int) {
        write(reply, limit: limit)
        append(UInt8(ascii: "\n"))
    }

    /// Appends the answers of a batch as one array. Where they do not fit into a line together, those that come after
    /// the line is full become errors, which need less than `errorRoom` bytes each.
    mutating func writeBatch(_ replies: [Reply], limit: Int) {
        let errorRoom = 1024
        let end = count + limit
        append(UInt8(ascii: "["))
        for (index, reply) in replies.enumerated() {
            if index > 0 { append(UInt8(ascii: ",")) }
            write(reply, limit: end - count - (replies.count - index - 1) * errorRoom - 2)
        }
        append("]\n")
    }

    private mutating func write(_ reply: Reply, limit: Int) {
        let start = count
        append("{\"jsonrpc\":\"2.0\",\"id\":")
        writeID(reply.id)
        switch reply.answer {
        case .encoded(let bytes): writeResult(bytes, room: limit - (count - start))
        case .result(let value): writeResult(value.encoded, room: limit - (count - start))
        case .failed(let error): writeError(error)
        }
        append(UInt8(ascii: "}"))
    }

    private mutating func writeResult(_ bytes: [UInt8], room: Int) {
        guard bytes.count + 16 <= room else { return writeError(.answerTooLong) }
        append(",\"result\":")
        append(bytes)
    }

    private mutating func writeError(_ error: RPCError) {
        append(",\"error\":")
        append(error.json.encoded)
    }

    private mutating func writeID(_ id: RequestID?) {
        switch id {
        case nil: append("null")
        case .integer(let number): append(decimal: number)
        case .string(let text):
            var writer = JSONWriter(capacity: text.utf8.count + 2)
            writer.string(text)
            append(writer.bytes)
        }
    }
}

extension RPCError {
    /// What was asked was done; only its answer cannot be sent.
    static let answerTooLong = RPCError.invalidRequest(
        "the answer does not fit into a line; ask for less at a time: outside a batch, or profile by profile")
}
