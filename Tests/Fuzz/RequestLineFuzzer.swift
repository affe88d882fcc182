// Whatever bytes come: nothing crashes, what is accepted stays accepted and equal when it is written again, and where
// the stream was cut makes no difference. Built by Tests/Fuzz/run.sh together with the sources of SessionProtocol.

/// One input of libFuzzer; a broken rule traps.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRequestLine(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    checkValue(bytes)
    checkLine(bytes)
    checkFraming(bytes)
    return 0
}

private func checkValue(_ bytes: [UInt8]) {
    let socket = JSONParser.Bounds(maxDepth: 32, maxValues: 4096, numbers: .interoperable)
    let strict = try? JSONParser.parse(bytes.span, bounds: socket)
    do throws(JSONParseError) {
        let value = try JSONValue.parse(bytes)
        precondition((try? JSONValue.parse(value.encoded)) == value, "written again, the value is another one")
        precondition(strict == nil || strict == value, "the bounds changed the value")
    } catch {
        precondition(strict == nil, "only the stricter bounds accept it")
        if case .notJSON(let position) = error {
            precondition((0...bytes.count).contains(position), "the position lies outside of the text")
        }
    }
}

private func checkLine(_ bytes: [UInt8]) {
    let limits = Limits()
    switch LineParser.parse(bytes.span, limits: limits) {
    case .blank: precondition(bytes.allSatisfy { [0x20, 0x09, 0x0A, 0x0D].contains($0) }, "not blank")
    case .refused(let error, _): precondition([-32700, -32600].contains(error.code), "refused for another reason")
    case .single(let entry): checkEntry(entry, limits)
    case .batch(let entries):
        precondition((1...limits.maxBatch).contains(entries.count), "a batch out of bounds")
        for entry in entries { checkEntry(entry, limits) }
    }
}

private func checkEntry(_ entry: ParsedLine.Entry, _ limits: Limits) {
    guard case .request(let request) = entry else { return }
    var message: [String: JSONValue] = [
        "jsonrpc": "2.0", "method": .string(request.method), "params": .object(request.params),
    ]
    switch request.id {
    case nil: break
    case .integer(let id): message["id"] = .integer(id)
    case .string(let id): message["id"] = .string(id)
    }
    let line = JSONValue.object(message).encoded
    precondition(LineParser.parse(line.span, limits: limits) == .single(entry), "written again, another request")
}

private func checkFraming(_ bytes: [UInt8]) {
    guard let first = bytes.first else { return }
    // A small limit, so that short inputs meet it. The reference splits the whole input at once.
    let limit = 16
    var expected: [[UInt8]] = []
    var isOver = false
    var pieces = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map(Array.init)
    let rest = pieces.removeLast()
    for var piece in pieces where !isOver {
        if piece.last == 0x0D { piece.removeLast() }
        isOver = piece.count > limit
        if !isOver { expected.append(piece) }
    }
    isOver = isOver || rest.count > limit + 1 || rest.count == limit + 1 && rest.last != 0x0D

    var framer = LineFramer(maxBytes: limit)
    var lines: [[UInt8]] = []
    var wasOver = false
    let step = max(1, Int(first) % 24)
    for start in stride(from: 0, to: bytes.count, by: step) where !wasOver {
        let fed = Array(bytes[start..<min(start + step, bytes.count)])
        var position = 0
        feeding: while true {
            switch framer.nextLine(in: fed.span, from: &position, { $0.withUnsafeBufferPointer(Array.init) }) {
            case .line(let line): lines.append(line)
            case .needsBytes:
                precondition(position == fed.count, "bytes were left over")
                break feeding
            case .lineTooLong:
                wasOver = true
                break feeding
            }
        }
    }
    precondition(lines == expected && wasOver == isOver, "the cut changed the lines")
    precondition(isOver || framer.hasPartialLine == !rest.isEmpty, "a partial line was forgotten")
}
