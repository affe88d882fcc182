import CLinux
import Glibc
import SessionProtocol
import Synchronization

/// Runs one `LinkMachine` over a real socket.
///
/// A thread of its own connects, reads, and waits for whatever has a time; it is the only one that opens and closes
/// the socket. Callers send on their own threads and never wait for room: what the socket does not take, the thread
/// sends when there is room. So nothing here blocks a thread of Swift's pool.
final class Link: Sendable {
    typealias Caller = CheckedContinuation<Result<JSONValue, SessionError>, Never>
    typealias Machine = LinkMachine<Caller, StateBoard>

    struct State {
        var machine: Machine
        var socket: Int32 = -1
        /// Where the first connection was made: another place would be another daemon with other sessions.
        var path: String?
    }

    private let state: Mutex<State>
    let waker: Waker
    private let paths: [String]
    private let trust: ServerTrust

    /// Starts the thread, which keeps the link alive until `close`.
    init(paths: [String], trust: ServerTrust, firstWait: Int64) throws(SessionError) {
        var seed: UInt64 = 0
        // Where there is no randomness, waits are merely alike.
        _ = withUnsafeMutableBytes(of: &seed) { cl_random($0.baseAddress, $0.count) }
        self.paths = paths
        self.trust = trust
        waker = try Waker()
        state = Mutex(State(machine: Machine(backoff: Backoff(seed: seed, firstWait: firstWait))))
        guard LinkThread.start(self) else {
            throw .unavailable("no thread to be had")
        }
    }

    deinit { waker.close() }

    // MARK: Callers

    /// Where the connection is or was made; nil before the first.
    var path: String? { state.withLock { $0.path } }

    /// Returns when there is a connection.
    func open() async throws(SessionError) {
        _ = try await answer { machine, id, caller in machine.open(id, caller: caller) }
    }

    func call(_ method: String, _ params: [String: JSONValue]) async throws(SessionError) -> JSONValue {
        try await answer { machine, id, caller in machine.call(id, method, params, caller: caller) }
    }

    private func answer(
        _ start: @Sendable (inout Machine, Int64, Caller) -> Machine.Effects
    ) async throws(SessionError) -> JSONValue {
        let id = state.withLock { $0.machine.reserve() }
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                change { machine, _ in start(&machine, id, continuation) }
            }
        } onCancel: {
            change { machine, _ in machine.cancel(id) }
        }
        return try outcome.get()
    }

    /// A place at a watch, nil where the client is closed. Balanced by `unobserve`.
    func observe(_ key: WatchKey) -> Machine.Place? {
        var place: Machine.Place?
        change { machine, now in
            let (found, effects) = machine.observe(key, board: StateBoard(isOfSeveral: key.isOfAll), now: now)
            place = found
            return effects
        }
        return place
    }

    func unobserve(_ place: Machine.Place) {
        change { machine, _ in machine.unobserve(place) }
    }

    func close() {
        change { machine, _ in machine.close() }
    }

    /// One event: the machine decides under the lock, lines go out in the order of decisions, and everybody who waits
    /// is told after it.
    func change(_ event: (inout Machine, _ now: Int64) -> Machine.Effects) {
        let now = cl_boot_milliseconds()
        let effects = state.withLock { state in
            var effects = event(&state.machine, now)
            if effects.isBroken, state.socket >= 0 {
                // Only shut down: the thread may be about to poll this descriptor.
                shutdown(state.socket, Int32(SHUT_RDWR))
            }
            if flush(&state) { effects.isWakeNeeded = true }
            return effects
        }
        if effects.isWakeNeeded { waker.wake() }
        for (board, snapshot, order) in effects.publications { board.publish(snapshot, order: order) }
        for (board, error) in effects.endings { board.end(error.map { .refused($0, at: now) } ?? .closed) }
        for (caller, outcome) in effects.completions { caller.resume(returning: outcome) }
    }

    /// Answers whether lines are left that the socket did not take.
    private func flush(_ state: inout State) -> Bool {
        guard state.machine.connection == .open, state.socket >= 0 else { return false }
        while let line = state.machine.outbox.first {
            guard let count = StreamSocket.send(state.socket, line.bytes[line.sent...]) else { return true }
            state.machine.sent(count)
        }
        return false
    }

    // MARK: The thread

    /// What the thread does next.
    enum Step {
        case connect
        case wait(socket: Int32?, wantsRoom: Bool, timeoutMs: Int32)
        case finish
    }

    func nextStep() -> Step {
        let now = cl_boot_milliseconds()
        return state.withLock { state in
            if state.machine.connection != .open, state.socket >= 0 {
                Glibc.close(state.socket)
                state.socket = -1
            }
            let timeout = state.machine.deadline.map { Int32(clamping: max(0, $0 - now)) } ?? -1
            switch state.machine.connection {
            case .closed: return .finish
            case .connecting: return .connect
            case .open:
                let wantsRoom = !state.machine.outbox.isEmpty
                return .wait(socket: state.socket, wantsRoom: wantsRoom, timeoutMs: timeout)
            case .none, .waiting: return .wait(socket: nil, wantsRoom: false, timeoutMs: timeout)
            }
        }
    }

    /// Connects on the calling thread, which may block.
    func connect() {
        let paths = state.withLock { $0.path.map { [$0] } } ?? paths
        do {
            let (descriptor, path) = try StreamSocket.connect(toFirstOf: paths, trust: trust)
            state.withLock { state in
                // Closed in the meantime: the next step closes the socket.
                state.socket = descriptor
                state.path = path
            }
            change { machine, now in machine.connected(now: now) }
        } catch {
            change { machine, now in machine.connectFailed(error, now: now) }
        }
    }
}
