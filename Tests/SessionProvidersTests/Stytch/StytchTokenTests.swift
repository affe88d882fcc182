import FakeServices
import SessionCore
import SessionProtocol
import SessionTesting
import Testing

@Suite("Stytch's session JWTs", .timeLimit(.minutes(1)))
struct StytchTokenTests {
    @Test("a JWT is renewed before it has too little left, once for all who wait, and validates only")
    func renewal() async throws {
        try await StytchStage.with { stage in
            try await stage.signInAda()
            let first = stage.keeper.publication.session?.tokens
            #expect(first?.jwtExpiresAt == stage.clock.now().wall - 31_000 + 300_000)
            #expect(try await stage.keeper.tokens(minValidMs: 60_000).session?.tokens == first)
            #expect(stage.fake.calls().isEmpty)

            stage.clock.advance(byMs: 10_000)
            stage.fake.script(.held, on: "sessions/authenticate")
            let callers = (0..<20).map { _ in
                Task { try await stage.keeper.tokens(minValidMs: 290_000).session?.tokens }
            }
            _ = await stage.fake.calls(atLeast: 1, on: "sessions/authenticate")
            stage.server.release()
            for caller in callers {
                let tokens = try #require(try await caller.value)
                #expect(tokens.sessionJwt != first?.sessionJwt && tokens.sessionToken == first?.sessionToken)
                #expect(tokens.jwtExpiresAt == stage.clock.now().wall + 300_000)
            }
            #expect(stage.fake.calls(on: "sessions/authenticate").count == 1)
            #expect(stage.fake.calls(on: "sessions/authenticate").first?.body == [:])
        }
    }

    @Test("a JWT that cannot be renewed is refused to who needs it, and the session token is still served")
    func outOfReach() async throws {
        try await StytchStage.with { stage in
            try await stage.signInAda()
            stage.clock.advance(byMs: 280_000)
            stage.fake.always(.drop)
            let error = await failure { try await stage.keeper.tokens(minValidMs: 60_000) }
            guard case .upstreamUnavailable? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(try await stage.keeper.tokens(minValidMs: 0).session?.tokens.sessionToken != nil)
        }
    }

    @Test(
        "a JWT whose end cannot be read ends five minutes after it came; one of a later end no later",
        arguments: ["not.a.jwt", "opaque"])
    func unreadable(jwt: String) async throws {
        try await StytchStage.with { stage in
            try await stage.signInAda()
            let text: JSONValue = jwt == "opaque" ? "opaque" : .string(stage.fake.sign(["exp": 99_999_999_999]))
            stage.fake.script(.set("session_jwt", text), on: "sessions/authenticate")
            await stage.validate()
            let tokens = try #require(stage.keeper.publication.session?.tokens)
            #expect(tokens.sessionJwt == Secret(text.stringValue))
            #expect(tokens.jwtExpiresAt == stage.clock.now().wall + 300_000)
        }
    }

    /// The members of a good JWT's claims, changed.
    struct Claims: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var isGood: Bool
        var change: @Sendable (inout [String: JSONValue], FakeStytch, Int64) -> Void

        init(
            _ name: String, isGood: Bool = false,
            _ change: @escaping @Sendable (inout [String: JSONValue], FakeStytch, Int64) -> Void
        ) {
            testDescription = name
            self.isGood = isGood
            self.change = change
        }
    }

    static let claims: [Claims] = [
        Claims("as it is", isGood: true) { _, _, _ in },
        Claims("audience as a text", isGood: true) { claims, fake, _ in claims["aud"] = .string(fake.projectID) },
        Claims("half a minute old by our clock", isGood: true) { claims, _, now in
            claims["exp"] = .integer(now / 1000 - 30)
        },
        Claims("issued half a minute ahead", isGood: true) { claims, _, now in
            claims["iat"] = .integer(now / 1000 + 30)
            claims["nbf"] = .integer(now / 1000 + 30)
        },
        Claims("of another project") { claims, _, _ in claims["aud"] = ["project-test-other"] },
        Claims("of another issuer") { claims, _, _ in claims["iss"] = "stytch.com/project-test-other" },
        Claims("with a scheme that Stytch does not write") { claims, fake, _ in
            claims["iss"] = .string("https://stytch.com/\(fake.projectID)")
        },
        Claims("expired") { claims, _, now in claims["exp"] = .integer(now / 1000 - 61) },
        Claims("not yet valid") { claims, _, now in claims["nbf"] = .integer(now / 1000 + 61) },
        Claims("without an end") { claims, _, _ in claims["exp"] = nil },
    ]

    @Test(
        "with a project id a JWT is checked, and one that fails is not handed out; the session stays", arguments: claims
    )
    func checked(claims change: Claims) async throws {
        try await StytchStage.with(.init(checksJWTs: true)) { stage in
            try await stage.signInAda()
            let now = stage.clock.now().wall
            var claims: [String: JSONValue] = [
                "iss": .string("stytch.com/\(stage.fake.projectID)"), "aud": [.string(stage.fake.projectID)],
                "sub": "user-test-1", "iat": .integer(now / 1000), "nbf": .integer(now / 1000),
                "exp": .integer(now / 1000 + 300),
            ]
            change.change(&claims, stage.fake, now)
            let jwt = stage.fake.sign(claims)
            stage.fake.script(.set("session_jwt", .string(jwt)), on: "sessions/authenticate")
            #expect(await stage.validate().phase == .active)
            let tokens = stage.keeper.publication.session?.tokens
            #expect(tokens?.sessionJwt == (change.isGood ? Secret(jwt) : nil))
            #expect((tokens?.jwtExpiresAt != nil) == change.isGood && tokens?.sessionToken != nil)
        }
    }

    @Test("both forms of the issuer are good", arguments: [true, false])
    func issuers(isCustomDomain: Bool) async throws {
        try await StytchStage.with(.init(checksJWTs: true)) { stage in
            if isCustomDomain { stage.fake.choices.issuer = .customDomain(stage.server.baseURL) }
            try await stage.signInAda()
            #expect(stage.keeper.publication.session?.tokens.sessionJwt != nil)
        }
    }

    @Test(
        "keys are fetched without authorization, kept, and fetched again for a key that is new",
        arguments: [
            FakeStytch.Product.consumer, .b2b,
        ])
    func keys(product: FakeStytch.Product) async throws {
        try await StytchStage.with(.init(product: product, checksJWTs: true)) { stage in
            try await stage.signInAda(minutes: 600)
            let path = "/v1\(product == .b2b ? "/b2b" : "")/sessions/jwks/\(stage.fake.projectID)"
            for _ in 1...3 { await stage.validate() }
            #expect(stage.server.requests.filter { $0.path == path }.count == 1)
            #expect(stage.server.requests.first { $0.path == path }?.headers["authorization"] == nil)
            stage.fake.rotateSigningKey()
            await stage.validate()
            #expect(stage.keeper.publication.session?.tokens.sessionJwt != nil)
            #expect(stage.server.requests.filter { $0.path == path }.count == 2)
        }
    }

    @Test("where JWTs are checked, one that was handed in is not handed on")
    func handedIn() async throws {
        try await StytchStage.with(.init(checksJWTs: true)) { stage in
            let session = stage.fake.openSession(of: stage.fake.addUser(email: "ada@example.org"))
            stage.fake.always(.set("session_jwt", ""), on: "sessions/authenticate")
            let updated = try await stage.keeper.update(
                HandedInSession(
                    sessionToken: try #require(Secret(session.token)),
                    sessionJwt: Secret("eyJhbGciOiJub25lIn0.e30.")), expect: nil)
            #expect(updated.session?.tokens.sessionJwt == nil)
            await stage.profile.until { $0.snapshot.phase == .active }
            #expect(stage.keeper.publication.session?.tokens.sessionJwt == nil)
        }
    }

    @Test("while the keys cannot be had a JWT is handed on, and a hanging fetch holds nothing up")
    func keysOutOfReach() async throws {
        for effect in [FakeEffect.hang, .html(status: 503), .json(["keys": []], status: 200)] {
            try await StytchStage.with(.init(checksJWTs: true, callMs: 20_000)) { stage in
                for area in ["", "b2b/"] {
                    stage.fake.always(effect, on: "/v1/\(area)sessions/jwks/\(stage.fake.projectID)")
                }
                try await stage.signInAda()
                #expect(stage.snapshot.phase == .active)
                #expect(stage.keeper.publication.session?.tokens.sessionJwt != nil)
            }
        }
    }
}
