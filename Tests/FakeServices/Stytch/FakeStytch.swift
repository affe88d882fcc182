/// The Stytch API as its published SDKs and pages describe it, for tests: `/sdk/v1` with a public token and `/v1` with
/// a project secret, over a world that the test fills.
///
/// Nothing is shared between instances; two of different `seed` share no id or token either. Ids, codes and tokens come
/// in the same order in every run.
package final class FakeStytch: ScriptedFake {
    package enum Product: Sendable, Hashable {
        case consumer, b2b
    }

    package let product: Product
    package let publicToken: String
    package let projectID: String
    package let secret: String
    package let stage: FakeStage<StytchService>

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
        let project = StytchProject(
            product: product, publicToken: publicToken, projectID: projectID, secret: secret,
            appIdentifier: appIdentifier)
        stage = FakeStage(StytchService(project: project, seed: seed), now: now)
    }

    /// How it behaves where the real service is not known to behave in one way.
    package var choices: FakeStytchChoices {
        get { stage.change { service, _ in service.choices } }
        set { stage.change { service, _ in service.choices = newValue } }
    }

    /// For the handles in the other files.
    func change<Result: Sendable>(_ body: (inout StytchWorld, Int64) -> Result) -> Result {
        stage.change { service, now in body(&service.world, now) }
    }

    func jwt(_ sessionID: String) -> String? {
        stage.change { service, now in
            guard let session = service.world.sessions[sessionID] else { return nil }
            return service.world.jwt(
                session, projectID: service.project.projectID, choices: service.choices, now: now)
        }
    }
}
