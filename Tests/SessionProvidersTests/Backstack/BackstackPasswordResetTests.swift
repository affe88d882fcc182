import FakeServices
import SessionCore
import SessionProtocol
import SessionTesting
import Testing

@Suite("A forgotten password at Backstack", .timeLimit(.minutes(1)))
struct BackstackPasswordResetTests {
    private func begin(_ stage: BackstackStage) async throws {
        _ = try await stage.keeper.signIn(
            method: "passwordReset", fields: SignInFields(["email": "kari@depot.example"]), durationMinutes: nil,
            expect: nil)
    }

    @Test(
        "the mailed token sets a new password, and that signs in; with several accounts one is to be chosen",
        arguments: [1, 2])
    func reset(accounts: Int) async throws {
        try await BackstackStage.with { stage in
            let people = stage.settle(accounts: accounts)
            try await begin(stage)
            let challenge = try #require(stage.snapshot.challenge)
            #expect(challenge.kind == "passwordReset" && challenge.details == ["sentTo": "k***@depot.example"])
            let token = try #require(stage.fake.resetToken(of: people.kari))

            let wrong = await failure { try await stage.answer(["token": "rst_0", "password": "battery staple"]) }
            #expect(wrong == .upstreamRejected(reason: "invalid_token", status: 404))
            let short = await failure { try await stage.answer(["token": token, "password": "short"]) }
            #expect(short == .upstreamRejected(reason: "password_refused", status: 400))
            #expect(stage.snapshot.challenge == challenge)

            try await stage.restarted { stage in
                #expect(stage.snapshot.challenge == challenge, "over a restart")
                let done = try await stage.answer(["token": token, "password": "battery staple"])
                let reset = try #require(stage.fake.calls(on: "POST /app/reset-password").last)
                #expect(
                    reset.body == [
                        "token": .string(token), "password": "battery staple", "confirm": "battery staple",
                    ])
                #expect(stage.fake.calls().allSatisfy { !$0.path.contains(token) })
                if accounts == 1 {
                    #expect(done.outcome == .signedIn && stage.object("user")?["username"] == "kari")
                } else {
                    #expect(done.outcome == .challenge && stage.snapshot.challenge?.kind == "account")
                    try await stage.answer(["accountId": people.yard])
                }
                #expect(stage.snapshot.phase == .active && stage.snapshot.challenge == nil)
            }
        }
    }

    @Test("once the password is set, a login that fails can be made up for with the same challenge")
    func interrupted() async throws {
        try await BackstackStage.with { stage in
            let people = stage.settle()
            try await begin(stage)
            let id = stage.snapshot.challenge?.id
            let token = try #require(stage.fake.resetToken(of: people.kari))
            stage.fake.always(.drop, on: "POST /app/login")
            let stuck = try await stage.answer(["token": token, "password": "battery staple"])
            #expect(stuck.outcome == .challenge && stage.snapshot.challenge?.id == id)
            #expect(stage.snapshot.challenge?.details["passwordChanged"] == true)
            stage.fake.unscript()
            let wrong = await failure { try await stage.answer(["token": token, "password": "another"]) }
            #expect(wrong == .upstreamRejected(reason: "invalid_credentials", status: 400))
            try await stage.answer(["token": token, "password": "battery staple"])
            #expect(stage.snapshot.phase == .active)
            #expect(stage.fake.calls(on: "POST /app/reset-password").count == 1)
        }
    }

    @Test("an answer that names no username says that the password is set and signing in is left to do")
    func nameless() async throws {
        try await BackstackStage.with { stage in
            let people = stage.settle()
            try await begin(stage)
            let token = try #require(stage.fake.resetToken(of: people.kari))
            stage.fake.script(.remove("username"), on: "POST /app/reset-password")
            let error = await failure { try await stage.answer(["token": token, "password": "battery staple"]) }
            #expect(error == .upstreamRejected(reason: "sign_in_required", status: nil))
            try await stage.signIn("kari", "battery staple")
            #expect(stage.snapshot.phase == .active && stage.snapshot.challenge == nil)
        }
    }

    @Test("an unknown address is refused; what goes wrong begins nothing and leaves the session")
    func refused() async throws {
        try await BackstackStage.with { stage in
            try await stage.signInKari()
            let before = stage.snapshot
            let error = await failure {
                try await stage.keeper.signIn(
                    method: "passwordReset", fields: SignInFields(["email": "nobody@depot.example"]),
                    durationMinutes: nil, expect: nil)
            }
            #expect(error == .upstreamRejected(reason: "user_not_found", status: 400))
            for effect in [.drop, .error("500"), .html(status: 200)] as [FakeEffect] {
                stage.fake.always(effect, on: "POST /app/forgot-password")
                guard case .upstreamUnavailable? = await failure(of: { try await begin(stage) }) else {
                    Issue.record("\(effect)")
                    continue
                }
            }
            #expect(stage.snapshot == before)
            // An empty body is a success here: nothing is said of one.
            stage.fake.always(.empty(status: 200), on: "POST /app/forgot-password")
            try await begin(stage)
            #expect(stage.snapshot.phase == .active && stage.snapshot.challenge?.kind == "passwordReset")
        }
    }
}
