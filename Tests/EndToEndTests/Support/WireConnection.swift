import CTestProcess
import Glibc
import SessionProtocol
import Synchronization

/// A client of the daemon that knows nothing but the protocol.
final class WireConnection: Sendable {
    /// An error as the daemon sent it.
    struct Failure: Error, CustomStringConvertible {
        let error: JSONValue
        var kind: String { error["data"]?["kind"]?.stringValue ?? "" }
        var code: Int64 { error["code"]?.integerValue ?? 0 }
        var data: JSONValue { error["data"] ?? .null }
        var description: String { String(decoding: error.encoded, as: UTF8.self) }
    }

    struct Ended: Error {}

    fileprivate let reader: LineReader
    private struct State {
        var lastID: Int64 = 0
        var notifications: [JSONValue] = []
    }
    private let state = Mutex(State())

    init(path: String) throws {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SystemFailure("socket") }
        reader = LineReader(descriptor)
        guard UnixAddress.with(path, { connect(descriptor, $0, $1) }) == 0 else { throw SystemFailure("connect") }
    }

    /// Takes over a connected socket.
    init(descriptor: Int32) { reader = LineReader(descriptor) }

    // MARK: Bytes and lines

    /// False where the daemon does not take them any more. Blocks while it does not read.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(reader.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// The client sends no more.
    func endInput() { shutdown(reader.descriptor, Int32(SHUT_WR)) }

    /// The next line as it is; nil at the end.
    func line(within limit: Duration = .seconds(20)) async throws -> JSONValue? {
        guard let line = try await reader.line(within: limit) else { return .none }
        return try JSONValue.parse(line)
    }

    /// Every line to the end.
    func rest() async throws -> [JSONValue] {
        var lines: [JSONValue] = []
        while let line = try await line() { lines.append(line) }
        return lines
    }

    // MARK: Calls

    static func request(_ id: JSONValue?, _ method: String, _ params: JSONValue = [:]) -> JSONValue {
        var members: [String: JSONValue] = ["jsonrpc": "2.0", "method": .string(method), "params": params]
        members["id"] = id
        return .object(members)
    }

    @discardableResult
    func send(_ id: JSONValue?, _ method: String, _ params: JSONValue = [:]) -> Bool {
        send(Self.request(id, method, params).encoded + [0x0A])
    }

    /// The reply to one request; notifications that come before it are kept for `notification()`.
    func reply(_ method: String, _ params: JSONValue = [:]) async throws -> JSONValue {
        let id = state.withLock { state in
            state.lastID += 1
            return JSONValue.integer(state.lastID)
        }
        send(id, method, params)
        while let line = try await line() {
            if line["id"] == id { return line }
            if line["method"] != nil { state.withLock { $0.notifications.append(line) } }
        }
        throw Ended()
    }

    /// The result of one request.
    @discardableResult
    func call(_ method: String, _ params: JSONValue = [:]) async throws -> JSONValue {
        let reply = try await reply(method, params)
        guard let result = reply["result"] else { throw Failure(error: reply["error"] ?? .null) }
        return result
    }

    /// The error of a request that must fail.
    func failure(_ method: String, _ params: JSONValue = [:]) async throws -> Failure {
        let reply = try await reply(method, params)
        return Failure(error: reply["error"] ?? .string("answered: \(reply)"))
    }

    /// The next notification.
    func notification(within limit: Duration = .seconds(20)) async throws -> JSONValue {
        // Not by `?:`, where nil would be a JSON null.
        let kept: JSONValue? = state.withLock { state in
            guard let first = state.notifications.first else { return .none }
            state.notifications.removeFirst()
            return first
        }
        if let kept { return kept }
        while let line = try await line(within: limit) {
            if line["method"] != nil { return line }
        }
        throw Ended()
    }

    /// The first state that a watch tells of which this is true.
    func state(where isIt: (JSONValue) -> Bool) async throws -> JSONValue {
        while true {
            let told = try await notification()
            if told["method"] == "session.changed", let state = told["params"]?["state"], isIt(state) {
                return state
            }
        }
    }
}

extension WireConnection {
    /// Connects as another user, who is also its own group.
    convenience init(path: String, asUser uid: UInt32) throws {
        let descriptor = ctp_connect_as(path, uid, uid, nil, 0)
        guard descriptor >= 0 else { throw SystemFailure("connect as \(uid)") }
        self.init(descriptor: descriptor)
    }

    /// False where the daemon does not take it all now.
    func sendUnlessFull(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes {
            Glibc.send(reader.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT)) == $0.count
        }
    }
}
