import SessionClient
import SessionProtocol
import SessionctlCommands
import Synchronization

/// A daemon that answers each method from a queue of prepared answers, the last one for good, and remembers its calls.
final class ScriptedDaemon: DaemonCalling {
    struct Call: Equatable {
        let method: String
        let params: [String: JSONValue]
    }

    enum Answer {
        case result(JSONValue)
        case error(SessionError)
        /// Never answers: the call ends when the connection is closed.
        case silence
    }

    private struct State {
        var answers: [String: [Answer]]
        var calls: [Call] = []
        var isClosed = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>
    private let states: [String: [Snapshot]]
    private let staysOpen: Bool

    /// `states` are what `changes` yields by profile ("" for the default one); then the stream ends, or stays open.
    init(_ answers: [String: [Answer]], states: [String: [Snapshot]] = [:], staysOpen: Bool = false) {
        state = Mutex(State(answers: answers))
        self.states = states
        self.staysOpen = staysOpen
    }

    var calls: [Call] { state.withLock { $0.calls } }
    var isClosed: Bool { state.withLock { $0.isClosed } }

    func call(_ method: String, _ params: [String: JSONValue]) async throws(SessionError) -> JSONValue {
        let answer = state.withLock { state -> Answer? in
            state.calls.append(Call(method: method, params: params))
            guard let queue = state.answers[method], let first = queue.first else { return nil }
            if queue.count > 1 { state.answers[method] = Array(queue.dropFirst()) }
            return first
        }
        switch answer {
        case .result(let value): return value
        case .error(let error): throw error
        case nil: throw SessionError(kind: .init(rawValue: "methodNotFound"), message: "no script for \(method)")
        case .silence:
            await withCheckedContinuation { continuation in
                let isClosed = state.withLock { state in
                    if !state.isClosed { state.waiting.append(continuation) }
                    return state.isClosed
                }
                if isClosed { continuation.resume() }
            }
            throw SessionError(kind: .unavailable, message: "the connection was closed")
        }
    }

    func changes(of profile: String?) -> AsyncThrowingStream<Snapshot, any Error> {
        AsyncThrowingStream { continuation in
            for state in states[profile ?? ""] ?? [] { continuation.yield(state) }
            if !staysOpen { continuation.finish() }
        }
    }

    func changesOfAllProfiles() -> AsyncThrowingStream<Snapshot, any Error> {
        AsyncThrowingStream { continuation in
            for (_, states) in states.sorted(by: { $0.key < $1.key }) { states.forEach { continuation.yield($0) } }
            if !staysOpen { continuation.finish() }
        }
    }

    var socketPath: String? { "/run/here.sock" }

    func close() {
        let waiting = state.withLock { state in
            state.isClosed = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}

/// An error of that kind, as the client would throw it.
func error(_ kind: String, _ message: String = "refused", _ data: [String: JSONValue] = [:]) -> ScriptedDaemon.Answer {
    .error(SessionError(kind: .init(rawValue: kind), message: message, data: data))
}
