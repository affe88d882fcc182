import Synchronization

/// The Stytch API as its published SDKs and pages describe it, for tests: `/sdk/v1` with a public token and `/v1` with
/// a project secret, over a world that the test fills.
///
/// A call with the clock's time, one lock around a value, no timers. Nothing is shared between instances; two of
/// different `seed` share no id or token either. Ids, codes and tokens come in the same order in every run.
package final class FakeStytch: Sendable {
    package enum Product: Sendable, Hashable {
        case consumer, b2b
    }

    package let product: Product
    package let publicToken: String
    package let projectID: String
    package let secret: String
    private let now: @Sendable () -> Int64
    private let service: Mutex<StytchService>

    /// `now` is in unix milliseconds. Without an `appIdentifier` any app is let in.
    package init(
        product: Product, now: @escaping @Sendable () -> Int64,
        publicToken: String = "public-token-test-11111111-2222-4333-8444-555555555555",
        projectID: String = "project-test-11111111-2222-4333-8444-666666666666",
        secret: String = "secret-test-fake", appIdentifier: String? = nil, seed: UInt32 = 1
    ) {
        self.product = product
        self.publicToken = publicToken
        self.projectID = projectID
        self.secret = secret
        self.now = now
        let project = StytchProject(
            product: product, publicToken: publicToken, projectID: projectID, secret: secret,
            appIdentifier: appIdentifier)
        service = Mutex(StytchService(project: project, seed: seed))
    }

    package func answer(_ request: FakeRequest) async -> FakeAnswer {
        let now = now()
        let (answer, waiting) = service.withLock { ($0.answer(request, now: now), $0.record.waiting) }
        for continuation in waiting { continuation.yield() }
        return answer
    }

    /// How it behaves where the real service is not known to behave in one way.
    package var choices: FakeStytchChoices {
        get { service.withLock { $0.choices } }
        set { service.withLock { $0.choices = newValue } }
    }

    /// The next answers, one effect each: on that path (`/sdk/v1/users/me`, or its end: `users/me`), or on any.
    package func script(_ effects: FakeStytchEffect..., on path: String? = nil) {
        service.withLock { $0.scripts.add(effects, on: path) }
    }

    /// An effect on every answer for which none is scripted; nil ends it.
    package func always(_ effect: FakeStytchEffect?, on path: String? = nil) {
        service.withLock { $0.scripts.setStanding(effect, on: path) }
    }

    /// Drops all scripted and standing effects.
    package func unscript() {
        service.withLock { $0.scripts.clear() }
    }

    package func calls(on path: String? = nil) -> [FakeStytchCall] {
        service.withLock { $0.record.calls(on: path) }
    }

    package func forgetCalls() {
        service.withLock { $0.record.forget() }
    }

    /// Waits until there are so many calls; returns what there is when the task is cancelled.
    package func calls(atLeast count: Int, on path: String? = nil) async -> [FakeStytchCall] {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let watcher = service.withLock { $0.record.watch(continuation) }
        defer { service.withLock { $0.record.unwatch(watcher) } }
        continuation.yield()
        for await _ in stream {
            let calls = calls(on: path)
            if calls.count >= count { return calls }
        }
        return calls(on: path)
    }

    /// For the handles in the other files.
    func change<Result: Sendable>(_ body: (inout StytchWorld, Int64) -> Result) -> Result {
        let now = now()
        return service.withLock { body(&$0.world, now) }
    }

    func jwt(_ sessionID: String) -> String? {
        let now = now()
        return service.withLock { service in
            guard let session = service.world.sessions[sessionID] else { return nil }
            return service.world.jwt(
                session, projectID: service.project.projectID, choices: service.choices, now: now)
        }
    }
}
