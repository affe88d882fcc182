import FakeServices
import SessionCore
import SessionProtocol
import SessionTesting
import Testing

@Suite("Choosing an account at Backstack's login", .timeLimit(.minutes(1)))
struct BackstackAccountChoiceTests {
    /// How the service may put it.
    struct Form: Sendable, CustomTestStringConvertible {
        var accounts: FakeBackstackChoices.Accounts
        var isNamed = false
        var emptyMapsAsArrays = false
        var testDescription: String { "\(accounts), named: \(isNamed), []: \(emptyMapsAsArrays)" }
    }

    static let forms = [
        Form(accounts: .map), Form(accounts: .array), Form(accounts: .pairs), Form(accounts: .map, isNamed: true),
        Form(accounts: .array, isNamed: true), Form(accounts: .map, emptyMapsAsArrays: true),
    ]

    @Test("the accounts come in any form, and the one that is chosen is signed in to", arguments: forms)
    func choose(form: Form) async throws {
        var setup = BackstackStage.Setup.strict
        setup.choices.loginAccounts = form.accounts
        setup.choices.namesAccountChoice = form.isNamed
        setup.choices.emptyMapsAsArrays = form.emptyMapsAsArrays
        try await BackstackStage.with(setup) { stage in
            let people = stage.settle(accounts: 2)
            let begun = try await stage.signIn()
            #expect(begun.outcome == .challenge && stage.snapshot.phase == .challenged)
            let challenge = try #require(stage.snapshot.challenge)
            let titles: [JSONValue] = [
                ["id": .string(people.quay), "title": "East Quay"],
                ["id": .string(people.yard), "title": "North Yard"],
            ]
            // A map has no order: by title. An array keeps the service's.
            let order = form.accounts == .map ? titles : titles.reversed()
            #expect(challenge.kind == "account" && challenge.details["accounts"] == .array(order))
            #expect(challenge.details["lastUsed"] == .null && challenge.expiresAt == nil)
            #expect(stage.keeper.publication.session == nil && stage.vault.record(of: "p")?.session == nil)
            #expect(stage.allows("*") && !stage.allows("account-users"))

            let done = try await stage.answer(["accountId": people.quay])
            #expect(done.outcome == .signedIn && stage.snapshot.phase == .active && stage.snapshot.challenge == nil)
            #expect(stage.object("account")?["id"] == .string(people.quay))
            let call = try #require(stage.fake.calls(on: "POST /app/login-account").last)
            #expect(call.body == ["account_id": .string(people.quay)], "the documented form")
            try await stage.signIn()
            #expect(stage.snapshot.challenge?.details["lastUsed"] == .string(people.quay))
        }
    }

    @Test("an unknown account is refused and the choice stays open, over heartbeats and a restart")
    func wrongAccount() async throws {
        try await BackstackStage.with { stage in
            let people = stage.settle(accounts: 2)
            try await stage.signIn()
            let challenge = stage.snapshot.challenge
            let wrong = await failure { try await stage.answer(["accountId": "acc_0"]) }
            #expect(wrong == .upstreamRejected(reason: "account_not_found", status: 400))
            #expect(stage.snapshot.challenge == challenge && stage.snapshot.phase == .challenged)
            stage.clock.advance(byMs: 3_600_000)
            for effect in [.drop, .error("500"), .html(status: 502), .error("429")] as [FakeEffect] {
                stage.fake.always(effect)
                guard
                    case .upstreamUnavailable? = await failure(of: {
                        try await stage.answer(["accountId": people.yard])
                    })
                else {
                    Issue.record("\(effect)")
                    continue
                }
            }
            stage.fake.unscript()
            try await stage.restarted { stage in
                #expect(stage.snapshot.challenge == challenge, "over a restart")
                try await stage.answer(["accountId": people.yard])
                #expect(stage.snapshot.phase == .active)
            }
        }
    }

    @Test("begun while signed in, the choice stands beside the session, which nothing of it touches")
    func beside() async throws {
        try await BackstackStage.with { stage in
            let people = try await stage.signInKari(accounts: 2)
            let held = stage.jwt
            try await stage.signIn()
            #expect(stage.snapshot.phase == .active && stage.snapshot.challenge?.kind == "account")
            #expect(stage.jwt == held)
            #expect(await stage.validate().phase == .active)
            #expect(stage.snapshot.challenge != nil && stage.object("account")?["id"] == .string(people.yard))
            try await stage.answer(["accountId": people.quay])
            #expect(stage.object("account")?["id"] == .string(people.quay) && stage.snapshot.challenge == nil)
            #expect(stage.snapshot.cause.kind == .signedIn)
        }
    }

    @Test("a choice that Backstack no longer knows says that the sign-in has to begin anew")
    func lapsed() async throws {
        try await BackstackStage.with { stage in
            let people = stage.settle(accounts: 2)
            try await stage.signIn()
            stage.fake.killJWTs()
            let dead = await failure { try await stage.answer(["accountId": people.yard]) }
            #expect(dead == .upstreamRejected(reason: "sign_in_lapsed", status: 401))
            try await stage.signIn()
            stage.fake.signOut(people.kari)
            let signedOut = await failure { try await stage.answer(["accountId": people.yard]) }
            #expect(signedOut == .upstreamRejected(reason: "sign_in_lapsed", status: 403))
        }
    }

    @Test("a jwt that was handed in and still wants an account leads to the choice")
    func handedIn() async throws {
        try await BackstackStage.with { stage in
            let people = stage.settle(accounts: 2)
            try await stage.signIn()
            let pending = try #require(stage.vault.record(of: "p")?.challenge?.continuation["jwt"])
            _ = try await stage.keeper.invalidate(expect: nil)
            #expect(stage.snapshot.challenge == nil)
            _ = try await stage.keeper.update(HandedInSession(sessionToken: pending), expect: nil)
            await stage.profile.until { $0.snapshot.phase == .challenged }
            #expect(stage.snapshot.challenge?.kind == "account")
            try await stage.answer(["accountId": people.yard])
            #expect(stage.snapshot.phase == .active)
        }
    }
}
