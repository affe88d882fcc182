/// The Backstack API as its manual and its demo show it, for tests: one app.
///
/// Nothing is shared between instances; two of different `seed` share no id or token either. Ids and tokens come in
/// the same order in every run.
package final class FakeBackstack: ScriptedFake {
    package let appKey: String
    package let stage: FakeStage<BackstackService>

    /// `now` is in unix milliseconds.
    package init(now: @escaping @Sendable () -> Int64, appKey: String = "key_0123456789", seed: UInt32 = 1) {
        self.appKey = appKey
        stage = FakeStage(BackstackService(appKey: appKey, seed: seed), now: now)
    }

    /// How it behaves where that is up to the app, or is not established.
    package var choices: FakeBackstackChoices {
        get { stage.change { service, _ in service.choices } }
        set { stage.change { service, _ in service.choices = newValue } }
    }
}
