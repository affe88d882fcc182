import NIOCore
import Synchronization

/// What a fake server has seen, and who waits for more of it.
final class FakeServerRecord: Sendable {
    private struct Waiter {
        var index: Int
        var continuation: CheckedContinuation<FakeRequest, Never>
    }

    private struct State {
        var requests: [FakeRequest] = []
        var connectionCount = 0
        var channels: [ObjectIdentifier: any Channel] = [:]
        var busy: Set<ObjectIdentifier> = []
        var waiters: [Int: Waiter] = [:]
        var held: [CheckedContinuation<Void, Never>] = []
        var isReleased = false
        var isStopped = false
        var nextWaiter = 0
    }

    private static let none = FakeRequest(verb: "", path: "")
    private let state = Mutex(State())

    var requests: [FakeRequest] { state.withLock { $0.requests } }
    var connectionCount: Int { state.withLock { $0.connectionCount } }
    var idleChannels: [any Channel] {
        state.withLock { state in state.channels.filter { !state.busy.contains($0.key) }.map(\.value) }
    }

    /// false where the server has stopped meanwhile.
    func opened(_ channel: any Channel) -> Bool {
        state.withLock { state in
            guard !state.isStopped else { return false }
            state.connectionCount += 1
            state.channels[ObjectIdentifier(channel)] = channel
            return true
        }
    }

    func closed(_ channel: any Channel) {
        state.withLock { state in
            state.channels[ObjectIdentifier(channel)] = nil
            state.busy.remove(ObjectIdentifier(channel))
        }
    }

    func received(_ request: FakeRequest, on channel: any Channel) {
        let answered = state.withLock { state in
            state.requests.append(request)
            state.busy.insert(ObjectIdentifier(channel))
            let ready = state.waiters.filter { $0.value.index < state.requests.count }
            for key in ready.keys { state.waiters[key] = nil }
            return ready.values.map { ($0.continuation, state.requests[$0.index]) }
        }
        for (waiter, request) in answered { waiter.resume(returning: request) }
    }

    func answered(on channel: any Channel) {
        _ = state.withLock { $0.busy.remove(ObjectIdentifier(channel)) }
    }

    func request(_ index: Int) async -> FakeRequest {
        let number = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let now = state.withLock { state -> FakeRequest? in
                    if index < state.requests.count { return state.requests[index] }
                    // The cancellation handler runs before this or finds the waiter.
                    if state.isStopped || Task.isCancelled { return Self.none }
                    state.waiters[number] = Waiter(index: index, continuation: continuation)
                    return nil
                }
                if let now { continuation.resume(returning: now) }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: number) }?.continuation.resume(returning: Self.none)
        }
    }

    func untilReleased() async {
        await withCheckedContinuation { continuation in
            let goesOn = state.withLock { state in
                guard !state.isReleased, !state.isStopped else { return true }
                state.held.append(continuation)
                return false
            }
            if goesOn { continuation.resume() }
        }
    }

    func release() {
        let held = state.withLock { state in
            state.isReleased = true
            defer { state.held = [] }
            return state.held
        }
        for waiter in held { waiter.resume() }
    }

    /// Lets everybody go and answers with the connections that are left to close.
    func stop() -> [any Channel] {
        let (waiters, held, channels) = state.withLock { state in
            state.isStopped = true
            defer {
                state.waiters = [:]
                state.held = []
            }
            return (Array(state.waiters.values), state.held, Array(state.channels.values))
        }
        for waiter in waiters { waiter.continuation.resume(returning: Self.none) }
        for waiter in held { waiter.resume() }
        return channels
    }
}
