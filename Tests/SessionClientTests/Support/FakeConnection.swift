import Glibc
import SessionProtocol
import Synchronization

/// One client of the fake daemon.
final class FakeConnection: Sendable {
    private struct State {
        var descriptor: Int32
        /// Bytes that may still be sent before the connection is cut; nil: any number.
        var budget: Int?
    }

    private let state: Mutex<State>

    init(descriptor: Int32, budget: Int?) { state = Mutex(State(descriptor: descriptor, budget: budget)) }

    /// Cuts the connection when that many bytes more have gone out.
    func cut(after bytes: Int) { state.withLock { $0.budget = bytes } }

    /// What was sent still arrives, then the end.
    func drop() { state.withLock { if $0.descriptor >= 0 { shutdown($0.descriptor, Int32(SHUT_RDWR)) } } }

    /// The client reads the end, and may go on writing.
    func finishWriting() { state.withLock { if $0.descriptor >= 0 { shutdown($0.descriptor, Int32(SHUT_WR)) } } }

    func send(_ json: JSONValue) { send(bytes: json.encoded + [UInt8(ascii: "\n")]) }

    func send(line: String) { send(bytes: Array(line.utf8) + [UInt8(ascii: "\n")]) }

    func send(bytes: [UInt8]) {
        state.withLock { state in
            guard state.descriptor >= 0 else { return }
            var rest = bytes[...]
            if let budget = state.budget {
                rest = rest.prefix(budget)
                state.budget = budget - rest.count
            }
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes {
                    Glibc.send(state.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { return }
                rest = rest.dropFirst(count)
            }
            if state.budget == 0 { shutdown(state.descriptor, Int32(SHUT_RDWR)) }
        }
    }

    /// Reads lines until the end. Only the thread that made the connection calls this.
    func serve(_ body: (JSONValue) -> Void) {
        let descriptor = state.withLock { $0.descriptor }
        var framer = LineFramer(maxBytes: 1 << 20)
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        reading: while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            let received = buffer.span.extracting(0..<count)
            var position = 0
            while true {
                switch framer.nextLine(in: received, from: &position, { (line: Span<UInt8>) in Self.parse(line) }) {
                case .needsBytes: continue reading
                case .lineTooLong: break reading
                case .line(let json): if let json { body(json) }
                }
            }
        }
        state.withLock { state in
            close(state.descriptor)
            state.descriptor = -1
        }
    }

    private static func parse(_ line: Span<UInt8>) -> JSONValue? {
        try? JSONParser.parse(line, bounds: .init(maxDepth: 64, maxValues: 1 << 20, numbers: .any))
    }
}

/// A request as the fake daemon got it.
struct FakeRequest: Sendable {
    let id: JSONValue?
    let method: String
    let params: [String: JSONValue]
    let connection: FakeConnection

    func answer(_ result: JSONValue) {
        guard let id else { return }
        connection.send(["jsonrpc": "2.0", "id": id, "result": result])
    }

    func fail(_ code: Int64, _ kind: String, retryable: Bool = false, _ data: [String: JSONValue] = [:]) {
        guard let id else { return }
        var data = data
        data["kind"] = .string(kind)
        data["retryable"] = .bool(retryable)
        connection.send([
            "jsonrpc": "2.0", "id": id, "error": ["code": .integer(code), "message": "no", "data": .object(data)],
        ])
    }
}
