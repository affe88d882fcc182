import Synchronization

/// A fake service with its clock, its scripts and the record of its calls: one lock around a value, no timers.
package final class FakeStage<Service: FakeService>: Sendable {
    private struct State {
        var service: Service
        var scripts = FakeScripts()
        var record = FakeCallRecord()
    }

    private let now: @Sendable () -> Int64
    private let state: Mutex<State>

    /// `now` is in unix milliseconds.
    init(_ service: Service, now: @escaping @Sendable () -> Int64) {
        self.now = now
        state = Mutex(State(service: service))
    }

    func answer(_ request: FakeRequest) -> FakeAnswer {
        let now = now()
        let (answer, waiting) = state.withLock { state in
            let effects = state.scripts.next(for: request)
            let instead = FakeEffect.all(effects).instead(of: state.service, to: request)
            let real = instead ?? state.service.answer(request, now: now)
            let answer = FakeEffect.all(effects).changing(real, of: state.service)
            state.record.add(request, answer, by: state.service)
            return (answer, state.record.waiting)
        }
        for continuation in waiting { continuation.yield() }
        return answer
    }

    func change<Result: Sendable>(_ body: (inout Service, Int64) -> Result) -> Result {
        let now = now()
        return state.withLock { body(&$0.service, now) }
    }

    func script(_ effects: [FakeEffect], on pattern: String?) {
        state.withLock { $0.scripts.add(effects, on: pattern) }
    }

    func always(_ effect: FakeEffect?, on pattern: String?) {
        state.withLock { $0.scripts.setStanding(effect, on: pattern) }
    }

    func unscript() {
        state.withLock { $0.scripts.clear() }
    }

    func calls(on pattern: String?) -> [FakeCall] {
        state.withLock { $0.record.calls(on: pattern) }
    }

    func forgetCalls() {
        state.withLock { $0.record.forget() }
    }

    func calls(atLeast count: Int, on pattern: String?) async -> [FakeCall] {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let watcher = state.withLock { $0.record.watch(continuation) }
        defer { state.withLock { $0.record.unwatch(watcher) } }
        continuation.yield()
        for await _ in stream {
            let calls = calls(on: pattern)
            if calls.count >= count { return calls }
        }
        return calls(on: pattern)
    }
}
