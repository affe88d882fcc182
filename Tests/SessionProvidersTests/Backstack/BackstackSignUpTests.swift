import FakeServices
import SessionCore
import SessionProtocol
import SessionTesting
import Testing

@Suite("Signing up at Backstack", .timeLimit(.minutes(1)))
struct BackstackSignUpTests {
    private static let fields = [
        "username": "nora", "password": "correct horse", "email": "nora@depot.example", "name": "Nora",
        "accountTitle": "South Pier", "countryId": "NO",
    ]

    private func signUp(_ stage: BackstackStage, _ changes: [String: String] = [:]) async throws -> SignInResult {
        try await stage.keeper.signUp(
            method: "account", fields: SignInFields(Self.fields.merging(changes) { $1 }), durationMinutes: nil,
            expect: nil)
    }

    @Test(
        "the account is made in the only domain or the one that is named, and signs in once its mail was opened",
        arguments: [["dom_1": "Shops"], ["dom_1": "Shops", "dom_2": "Schools"]], [true, false])
    func signUp(domains: [String: String], isEnveloped: Bool) async throws {
        var setup = BackstackStage.Setup.strict
        if isEnveloped { setup.choices.generation = .enveloped("data") }
        try await BackstackStage.with(setup) { stage in
            try await stage.signInKari()
            let held = stage.snapshot
            stage.fake.setDomains(domains)
            stage.fake.forgetCalls()
            if domains.count > 1 {
                let unnamed = await failure { try await signUp(stage) }
                #expect(unnamed == .invalidField(path: "domainId", expected: "one of dom_1, dom_2"))
            }
            let made = try await signUp(stage, ["domainId": domains.count > 1 ? "dom_2" : ""])
            #expect(made.outcome == .confirmationNeeded && stage.snapshot.revision == held.revision)
            let call = try #require(stage.fake.calls(on: "POST /app/signup").first)
            #expect(
                call.body == [
                    "username": "nora", "password": "correct horse", "email": "nora@depot.example", "name": "Nora",
                    "account_title": "South Pier", "country_id": "NO",
                    "domain_id": domains.count > 1 ? "dom_2" : "dom_1",
                ])
            let early = await failure { try await stage.signIn("nora") }
            #expect(early == .upstreamRejected(reason: "invalid_credentials", status: 400))
            #expect(stage.fake.opensLink("nora"))
            try await stage.signIn("nora")
            #expect(stage.object("user")?["username"] == "nora" && stage.object("account")?["title"] == "South Pier")
        }
    }

    @Test(
        "what Backstack refuses is told by the field that is at fault, and nothing is made",
        arguments: [
            (["username": "kari"], "username_refused"), (["password": "short"], "password_refused"),
            (["domainId": "dom_9"], "domainId_refused"),
        ])
    func refused(change: [String: String], reason: String) async throws {
        try await BackstackStage.with { stage in
            stage.settle()
            stage.fake.setDomains(["dom_1": "Shops"])
            let error = await failure { try await signUp(stage, change) }
            #expect(error == .upstreamRejected(reason: reason, status: 400))
            #expect(!stage.fake.opensLink("nora"))
        }
    }

    @Test("an app that takes nobody new is not even asked, and one without a domain is told")
    func disabled() async throws {
        try await BackstackStage.with { stage in
            stage.settle()
            let error = await failure { try await signUp(stage) }
            #expect(error == .upstreamRejected(reason: "sign_up_disabled", status: nil))
            #expect(stage.fake.calls().map(\.path) == ["/app/session"])
            stage.fake.setApp("allow_signup", to: true)
            let homeless = await failure { try await signUp(stage) }
            #expect(homeless == .upstreamRejected(reason: "sign_up_disabled", status: nil))
        }
    }

    @Test(
        "a service in trouble is said to be out of reach",
        arguments: ["GET /app/session", "GET /app/signup-domains", "POST /app/signup"])
    func trouble(call: String) async throws {
        try await BackstackStage.with { stage in
            stage.settle()
            stage.fake.setDomains(["dom_1": "Shops"])
            for effect in [.drop, .error("500"), .html(status: 502)] as [FakeEffect] {
                stage.fake.always(effect, on: call)
                guard case .upstreamUnavailable? = await failure(of: { try await signUp(stage) }) else {
                    Issue.record("\(effect)")
                    continue
                }
            }
        }
    }
}
