import FakeServices
import SessionCore
import SessionProtocol
import SessionTesting
import Testing

@Suite("Signing in to Backstack", .timeLimit(.minutes(1)))
struct BackstackSignInTests {
    @Test("the app key begins an anonymous session, the jwt of that signs in, and every answer's jwt is the next one")
    func password() async throws {
        var setup = BackstackStage.Setup.strict
        setup.providerID = "shop-7"
        try await BackstackStage.with(setup) { stage in
            stage.settle()
            stage.fake.always(.header("set-cookie", "BackstackJWT=canary; Path=/"))
            let signedIn = try await stage.signIn()
            #expect(signedIn.outcome == .signedIn && stage.snapshot.phase == .active)
            #expect(stage.snapshot.expiresAt == nil && stage.snapshot.challenge == nil)
            let calls = stage.fake.calls()
            #expect(calls.map { "\($0.verb) \($0.path)" } == ["GET /app/session", "POST /app/login"])
            #expect(calls[0].credential == Secret(stage.fake.appKey))
            #expect(calls[1].body == ["username": "kari", "password": .string(BackstackPeople.password)])
            #expect(stage.jwt.map { stage.fake.liveJWTs.contains($0.reveal()) } == true)
            await stage.validate()
            await stage.validate()
            let all = stage.fake.calls()
            #expect(Set(all.map(\.credential)).count == 4, "each with the jwt of the answer before")
            for call in all {
                #expect(call.headers["content-type"] == "application/json")
                #expect(call.headers["x-provider-id"] == "shop-7" && call.headers["cookie"] == nil)
                #expect(call.headers["authorization"]?.hasPrefix("Bearer") == false)
                #expect(call.headers["user-agent"]?.hasPrefix("sessiond/") == true)
            }
            #expect(stage.object("session")?["provider_id"] == "shop-7")
        }
    }

    @Test("a wrong password is refused, whatever its status, and changes nothing", arguments: [400, 401, 403, 422])
    func wrongPassword(status: Int) async throws {
        try await BackstackStage.with { stage in
            stage.fake.choices.statusOfWrongPassword = status
            try await stage.signInKari()
            let (before, jwt) = (stage.snapshot, stage.jwt)
            let error = await failure { try await stage.signIn("kari", "wrong horse") }
            #expect(error == .upstreamRejected(reason: "invalid_credentials", status: status))
            #expect(stage.snapshot == before && stage.jwt == jwt)
            #expect(stage.fake.calls().allSatisfy { $0.credential != jwt }, "the held session is not used up")
            #expect(await stage.validate().phase == .active)
        }
    }

    /// What a call of a sign-in may meet, and what the caller is told.
    struct Case: Sendable, CustomTestStringConvertible {
        var effect: FakeEffect
        /// nil: out of reach.
        var error: KeeperError?
        var testDescription: String { "\(effect)" }
    }

    static let failures: [Case] = [
        Case(effect: .drop), Case(effect: .lost), Case(effect: .html(status: 200)), Case(effect: .html(status: 403)),
        Case(effect: .error("500")), Case(effect: .error("429")), Case(effect: .redirect(to: "https://x.example/")),
        Case(effect: .text("{", type: "application/json", status: 200)), Case(effect: .set("auth", 7)),
        Case(effect: .padded(bytes: 800_000)),
        Case(effect: .error("403"), error: .misconfigured(reason: "permission_lacking")),
        Case(effect: .error("404"), error: .misconfigured(reason: "unknown_resource")),
        Case(effect: .error("401"), error: .misconfigured(reason: "invalid_app_key")),
        Case(
            effect: .error("400", details: ["type": "codebase"]),
            error: .upstreamRejected(reason: "bad_request", status: 400)),
        Case(effect: .error("418", status: 418), error: .upstreamRejected(reason: "http_418", status: 418)),
    ]

    @Test(
        "whatever goes wrong on the way, the session that is held stays", arguments: failures,
        ["GET /app/session", "POST /app/login"])
    func mishap(_ step: Case, at call: String) async throws {
        try await BackstackStage.with { stage in
            try await stage.signInKari()
            let (before, jwt) = (stage.snapshot, stage.jwt)
            // An answer to the login that is no session sends the adapter to look for it.
            stage.fake.always(step.effect, on: call)
            if case .set = step.effect { stage.fake.always(step.effect, on: "GET /app/session") }
            let error = await failure { try await stage.signIn() }
            stage.fake.unscript()
            switch (error, step.error) {
            case (.upstreamUnavailable, nil): break
            case (let error, let expected): #expect(error == expected)
            }
            #expect(stage.snapshot == before && stage.jwt == jwt)
            #expect(await stage.validate().phase == .active)
        }
    }

    @Test("an app key that cannot be had, or is refused, is misconfigured", arguments: ["", "key_of_somebody_else"])
    func appKey(key: String) async throws {
        var setup = BackstackStage.Setup.strict
        setup.appKey = key
        try await BackstackStage.with(setup) { stage in
            stage.settle()
            let error = await failure { try await stage.signIn() }
            #expect(error == .misconfigured(reason: key.isEmpty ? "app_key_unavailable" : "invalid_app_key"))
            #expect(stage.snapshot.phase == .signedOut)
        }
    }

    @Test("a login whose answer is no session, or names no jwt, is completed by asking for the session")
    func sparse() async throws {
        for effect in [.empty(status: 200), .remove("auth"), .remove("jwt"), .set("jwt", "undefined")] as [FakeEffect] {
            var setup = BackstackStage.Setup()
            setup.choices.rotates = false
            try await BackstackStage.with(setup) { stage in
                stage.settle()
                if case .empty = effect {
                    // The service has done nothing: the session is anonymous still.
                    stage.fake.script(effect, on: "POST /app/login")
                    let error = await failure { try await stage.signIn() }
                    #expect(error == .upstreamRejected(reason: "invalid_credentials", status: nil))
                } else {
                    stage.fake.script(effect, on: "POST /app/login")
                    let signedIn = try await stage.signIn()
                    #expect(signedIn.outcome == .signedIn, "\(effect)")
                    #expect(await stage.validate().phase == .active)
                }
            }
        }
    }

    @Test("extension, exchange and the other methods are not supported")
    func notSupported() async throws {
        try await BackstackStage.with { stage in
            try await stage.signInKari()
            let fields = SignInFields(["email": "kari@depot.example"])
            let errors = [
                await failure {
                    try await stage.keeper.signUp(method: "password", fields: fields, durationMinutes: nil, expect: nil)
                },
                await failure { try await stage.keeper.authenticate(durationMinutes: 60, expect: nil) },
                await failure {
                    try await stage.keeper.exchange(organizationID: "o", durationMinutes: nil, expect: nil)
                },
                await failure { try await stage.keeper.listSessions() },
                await failure { try await stage.keeper.revoke(.others, force: false, expect: nil) },
                await failure { try await stage.keeper.revoke(.all, force: true, expect: nil) },
                await failure { try await stage.keeper.revoke(.session(id: "s"), force: false, expect: nil) },
                await failure {
                    try await stage.keeper.signIn(method: "otp", fields: fields, durationMinutes: nil, expect: nil)
                },
            ]
            for error in errors {
                guard case .notSupported? = error else {
                    Issue.record("\(String(describing: error))")
                    continue
                }
            }
            #expect(stage.fake.calls().isEmpty && stage.snapshot.phase == .active)
        }
    }
}
