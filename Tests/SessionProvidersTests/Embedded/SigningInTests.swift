import SessionCore
import SessionProtocol
import Testing

@testable import SessionProviders

@Suite("Signing in to the authority")
struct SigningInTests {
    let fixture = AuthorityFixture()

    private func signIn(_ fields: [String: String], minutes: Int = 60, method: String = "password") async -> String {
        await fixture.provider.change(
            .signIn(method: method, SignInFields(fields), durationMinutes: minutes), session: nil
        ).summary
    }

    @Test("the right password makes a session with objects, tokens and an end")
    func right() async throws {
        let user = try await fixture.addUser("Kari", name: "Kari N", access: ["reports": "cr"])
        let outcome = await fixture.provider.change(
            .signIn(
                method: "password", SignInFields(["username": "kARI", "password": AuthorityFixture.password]),
                durationMinutes: 90), session: nil)
        let confirmation = try #require(outcome.confirmation)
        let end = AuthorityFixture.start + 90 * 60_000
        let sessionID = try #require(confirmation.sessionID)
        #expect(confirmation.expiry == .at(end))
        #expect(confirmation.startedAt == AuthorityFixture.start)
        #expect(
            confirmation.objects == [
                "session": [
                    "id": .string(sessionID), "userId": user["id"] ?? .null,
                    "startedAt": .integer(AuthorityFixture.start), "lastSeenAt": .integer(AuthorityFixture.start),
                    "expiresAt": .integer(end),
                ],
                "user": ["id": user["id"] ?? .null, "username": "Kari", "name": "Kari N"],
                "access": ["reports": "cr"],
            ])
        let token = try #require(confirmation.tokens?.sessionToken)
        #expect(token.reveal().hasPrefix("sds_"))
        #expect(token.reveal().count == 4 + 43)
    }

    @Test("a user without a name has a null one")
    func noName() async throws {
        try await fixture.addUser()
        let session = try await fixture.signIn()
        #expect(session.objects["user"]?["name"] == .null)
        #expect(session.objects["access"] == [:])
    }

    @Test("the unknown user and the wrong password get one answer")
    func wrong() async throws {
        try await fixture.addUser()
        #expect(await signIn(["username": "kari", "password": "wrong password"]) == "rejected invalid_credentials")
        #expect(await signIn(["username": "nobody", "password": "wrong password"]) == "rejected invalid_credentials")
    }

    @Test("a disabled user is told so only with the right password")
    func disabled() async throws {
        try await fixture.addUser()
        _ = try await fixture.authority.updateUser(
            username: "kari", name: nil, password: nil, disabled: true, access: nil)
        #expect(await signIn(["username": "kari", "password": "wrong password"]) == "rejected invalid_credentials")
        #expect(
            await signIn(["username": "kari", "password": AuthorityFixture.password]) == "rejected user_disabled")
    }

    @Test(
        "bad forms name the field",
        arguments: [
            (["password": "12345678"], "username"),
            (["username": "", "password": "12345678"], "username"),
            (["username": String(repeating: "a", count: 129), "password": "12345678"], "username"),
            (["username": "kari\u{0}x", "password": "12345678"], "username"),
            (["username": "ka\nri", "password": "12345678"], "username"),
            (["username": "kari"], "password"),
            (["username": "kari", "password": ""], "password"),
            (["username": "kari", "password": "1234567"], "password"),
            (["username": "kari", "password": String(repeating: "a", count: 1025)], "password"),
            (["username": "kari", "password": String(repeating: "å", count: 513)], "password"),
        ] as [([String: String], String)])
    func badForm(_ fields: [String: String], _ path: String) async throws {
        #expect(await signIn(fields) == "invalidField \(path)")
        let outcome = await fixture.provider.change(
            .signUp(method: "password", SignInFields(fields), durationMinutes: 60), session: nil)
        #expect(outcome.summary == "invalidField \(path)")
    }

    @Test(
        "usernames and passwords at their limits work",
        arguments: [("a", 8), (String(repeating: "å", count: 128), 1024)])
    func limits(_ username: String, _ length: Int) async throws {
        let password = String(repeating: "p", count: length)
        try await fixture.addUser(username, password: password)
        #expect(await signIn(["username": username, "password": password]) == "confirmed")
    }

    @Test(
        "durations are 5 to 527040 minutes",
        arguments: [
            (4, "invalidField sessionDurationMinutes"), (5, "confirmed"), (527_040, "confirmed"),
            (527_041, "invalidField sessionDurationMinutes"), (Int.max, "invalidField sessionDurationMinutes"),
            (-5, "invalidField sessionDurationMinutes"),
        ])
    func durations(_ minutes: Int, _ expected: String) async throws {
        try await fixture.addUser()
        #expect(
            await signIn(["username": "kari", "password": AuthorityFixture.password], minutes: minutes) == expected)
    }

    @Test("another method is no field of this provider's")
    func otherMethod() async {
        #expect(await signIn([:], method: "otp") == "invalidField method")
    }

    @Test(
        "usernames are compared without case and by canonical equivalence",
        arguments: [("Kari", "kARI"), ("JOSÉ", "jose\u{301}"), ("ΣΊΣΥΦΟΣ", "σίσυφος"), ("straße", "STRASSE")])
    func folding(_ stored: String, _ typed: String) async throws {
        try await fixture.addUser(stored)
        let session = try await fixture.signIn(typed)
        #expect(session.objects["user"]?["username"] == .string(stored))
        await #expect(throws: AdministrationError.rejected(reason: "username_taken")) {
            try await fixture.addUser(typed)
        }
    }

    @Test("names that look alike to a careless comparison are two users")
    func distinct() async throws {
        for name in ["kari", "kari ", "karı2", "käri"] { try await fixture.addUser(name) }
        #expect(try fixture.authority.users().count == 4)
    }

    @Test("sign-up makes a user and a session")
    func signUp() async throws {
        let fields = SignInFields(["username": "Ola", "password": "12345678", "name": "Ola N"])
        let change = SessionChange.signUp(method: "password", fields, durationMinutes: 60)
        let session = try #require(await fixture.provider.change(change, session: nil).session)
        #expect(session.objects["user"]?["name"] == "Ola N")
        #expect(session.objects["access"] == [:])
        #expect(await fixture.provider.validate(session).summary == "confirmed")
        #expect(await fixture.provider.change(change, session: nil).summary == "rejected username_taken")
        #expect(await signIn(["username": "ola", "password": "12345678"]) == "confirmed")
    }

    @Test("sign-up can be switched off, a profile at a time")
    func signUpDisabled() async throws {
        let closed = EmbeddedProvider(authority: fixture.authority, allowsSignUp: false)
        let change = SessionChange.signUp(
            method: "password", SignInFields(["username": "ola", "password": "12345678"]), durationMinutes: 60)
        #expect(await closed.change(change, session: nil).summary == "rejected sign_up_disabled")
        #expect(try fixture.authority.users().isEmpty)
        #expect(await fixture.provider.change(change, session: nil).summary == "confirmed")
    }

    @Test("a grant makes one session, once, in its time")
    func grants() async throws {
        try await fixture.addUser()
        func exchange(_ token: Secret) async -> String {
            await fixture.provider.change(.exchange(accessToken: token, durationMinutes: 30), session: nil).summary
        }
        let grant = try fixture.authority.grant(username: "KARI", expiresInMinutes: 60)
        #expect(grant.reveal().hasPrefix("sdg_"))
        #expect(await exchange(try #require(Secret("sdg_unknown"))) == "rejected invalid_grant")
        #expect(await exchange(grant) == "confirmed")
        #expect(await exchange(grant) == "rejected invalid_grant")
        let late = try fixture.authority.grant(username: "kari", expiresInMinutes: 1)
        fixture.time.advance(ms: 60_000)
        #expect(await exchange(late) == "rejected invalid_grant")
    }

    @Test("a session token is no grant, and a grant no session token")
    func kindsOfTokens() async throws {
        try await fixture.addUser()
        let session = try await fixture.signIn()
        let grant = try fixture.authority.grant(username: "kari", expiresInMinutes: 60)
        let token = try #require(session.tokens.sessionToken)
        #expect(
            await fixture.provider.change(.exchange(accessToken: token, durationMinutes: 30), session: nil).summary
                == "rejected invalid_grant")
        #expect(
            await fixture.provider.validate(ProviderSession(tokens: TokenSet(sessionToken: grant))).summary
                == "ended endedElsewhere")
    }

    @Test("a password changed while it is being checked does not sign in")
    func changedMeanwhile() async throws {
        // One lane: the sign-in's check waits behind the administrator's hash, so it is checked against the old row.
        let fixture = AuthorityFixture(concurrentHashes: 1)
        try await fixture.addUser()
        for round in 0..<20 {
            async let attempt = fixture.provider.change(
                .signIn(
                    method: "password",
                    SignInFields(["username": "kari", "password": "\(AuthorityFixture.password)\(round)"]),
                    durationMinutes: 60), session: nil)
            _ = try await fixture.authority.updateUser(
                username: "kari", name: nil, password: Secret("\(AuthorityFixture.password)\(round + 1)"),
                disabled: nil, access: nil)
            // Whichever came first, no session of the old password is left.
            _ = await attempt
            #expect(try fixture.authority.sessions(username: "kari").isEmpty)
        }
    }
}
