/// A fake auth service that a test can script and watch.
///
/// Patterns name requests: a whole path (`/app/session`) or its end (`auth/user`), a verb before it or not
/// (`POST /user/lock-screen`); nil is any request.
package protocol ScriptedFake: Sendable {
    associatedtype Service: FakeService
    var stage: FakeStage<Service> { get }
}

extension ScriptedFake {
    package func answer(_ request: FakeRequest) async -> FakeAnswer {
        stage.answer(request)
    }

    /// The next answers, one effect each.
    package func script(_ effects: FakeEffect..., on pattern: String? = nil) {
        stage.script(effects, on: pattern)
    }

    /// An effect on every answer for which none is scripted; nil ends it.
    package func always(_ effect: FakeEffect?, on pattern: String? = nil) {
        stage.always(effect, on: pattern)
    }

    /// Drops all scripted and standing effects.
    package func unscript() {
        stage.unscript()
    }

    package func calls(on pattern: String? = nil) -> [FakeCall] {
        stage.calls(on: pattern)
    }

    package func forgetCalls() {
        stage.forgetCalls()
    }

    /// Waits until there are so many calls; returns what there is when the task is cancelled.
    package func calls(atLeast count: Int, on pattern: String? = nil) async -> [FakeCall] {
        await stage.calls(atLeast: count, on: pattern)
    }
}
