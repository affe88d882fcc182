/// The Agnost API as its client library and its server show it, for tests: one environment of one app.
///
/// Nothing is shared between instances; two of different `seed` share no id or token either. Ids, codes and tokens
/// come in the same order in every run.
package final class FakeAgnost: ScriptedFake {
    package let environment: String
    package let apiKey: String
    /// `/agnost`; empty as before version 1.2.5 of the client.
    package let prefix: String
    package let stage: FakeStage<AgnostService>

    /// `now` is in unix milliseconds.
    package init(
        now: @escaping @Sendable () -> Int64, environment: String = "env-5b1c2d3e",
        apiKey: String = "ak-0123456789abcdef0123456789abcdef", prefix: String = "/agnost", seed: UInt32 = 1
    ) {
        self.environment = environment
        self.apiKey = apiKey
        self.prefix = prefix
        stage = FakeStage(
            AgnostService(environment: environment, apiKey: apiKey, prefix: prefix, seed: seed), now: now)
    }

    /// What follows the host in the app's base URL.
    package var basePath: String { "/" + environment }

    /// The path of a call, as `auth/user`.
    package func path(_ call: String) -> String {
        "\(basePath)\(prefix)/\(call)"
    }

    /// How it behaves where that is up to the app, or is not established.
    package var choices: FakeAgnostChoices {
        get { stage.change { service, _ in service.choices } }
        set { stage.change { service, _ in service.choices = newValue } }
    }
}
