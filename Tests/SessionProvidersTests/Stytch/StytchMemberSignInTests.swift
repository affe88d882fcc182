import FakeServices
import SessionCore
import SessionProtocol
import SessionTesting
import Testing

@Suite("Signing in to an organization at Stytch", .timeLimit(.minutes(1)))
struct StytchMemberSignInTests {
    private typealias Stage = StytchStage

    @Test(
        "a password makes a session of the organization's, in nobody's name and for five minutes",
        arguments: StytchStage.Entrance.allCases)
    func password(entrance: StytchStage.Entrance) async throws {
        try await StytchStage.with(.b2b(entrance)) { stage in
            let organization = stage.fake.addOrganization()
            let member = stage.fake.addMember(
                of: organization, email: Stage.memberEmail, password: Stage.memberPassword)
            let before = stage.snapshot
            #expect(before.objects.values.allSatisfy { $0 == .unavailable(.signedOut) })
            let result = try await stage.signInMember(to: organization)
            #expect(result.outcome == .signedIn)
            let snapshot = result.publication.snapshot
            #expect(snapshot.provider == "stytch-b2b" && snapshot.phase == .active && snapshot.challenge == nil)
            #expect(snapshot.revision == before.revision + 1, "one publication with everything in it")
            let now = stage.clock.now().wall
            #expect(snapshot.expiresAt == now + 300_000)
            let session = try #require(stage.fake.sessions.first)
            #expect(stage.token == session.token && session.ownerID == member)
            let values = [session.id, member, organization].map { stage.fake.object($0) }
            #expect(["session", "member", "organization"].map(stage.object) == values)
            #expect(stage.validationTimes == [now, now, now])
            let call = try #require(stage.fake.calls(on: "b2b/passwords/authenticate").first)
            #expect(call.session(entrance) == nil && call.body?["session_duration_minutes"] == 5)
            #expect(call.path == (entrance == .sdk ? "/sdk/v1" : "/v1") + "/b2b/passwords/authenticate")
        }
    }

    @Test(
        "a snapshot has exactly session, member and organization, whatever the phase",
        arguments: StytchStage.Entrance.allCases)
    func objects(entrance: StytchStage.Entrance) async throws {
        try await StytchStage.with(.b2b(entrance)) { stage in
            let three: Set = ["session", "member", "organization"]
            #expect(stage.objectNames == three, "signed out")
            let organization = stage.fake.addOrganization(requiresMFA: true)
            stage.fake.addMember(
                of: organization, email: Stage.memberEmail, password: Stage.memberPassword, recoveryCodes: ["r-1"])
            try await stage.signInMember(to: organization)
            #expect(stage.snapshot.phase == .challenged && stage.objectNames == three)
            #expect(stage.snapshot.objects.values.allSatisfy { $0 == .unavailable(.signedOut) })
            try await stage.answer(["method": "recovery_code", "code": "r-1"])
            #expect(stage.snapshot.phase == .active && stage.objectNames == three)
            stage.clock.advance(byMs: 300_000)
            await stage.profile.until { $0.snapshot.phase == .signedOut }
            #expect(stage.snapshot.cause.kind == .expired && stage.objectNames == three)
            #expect(stage.snapshot.objects.values.allSatisfy { $0 == .unavailable(.expired) })
        }
    }

    @Test(
        "a code by e-mail is a challenge, whose address is masked and whose wrong answer is no end",
        arguments: StytchStage.Entrance.allCases)
    func code(entrance: StytchStage.Entrance) async throws {
        try await StytchStage.with(.b2b(entrance)) { stage in
            let organization = stage.fake.addOrganization()
            stage.fake.addMember(of: organization, email: Stage.memberEmail)
            let begun = try await stage.signIn("otp", ["organizationId": organization, "email": Stage.memberEmail])
            #expect(begun.outcome == .challenge && begun.publication.snapshot.phase == .challenged)
            let challenge = try #require(stage.snapshot.challenge)
            #expect(challenge.kind == "otp" && challenge.details == ["sentTo": "b***@example.org"])
            #expect(challenge.expiresAt == stage.clock.now().wall + 600_000)
            let wrong = await failure { try await stage.answer(["code": "000000"]) }
            #expect(wrong == .upstreamRejected(reason: "unable_to_auth_otp_code", status: 401))
            try await stage.restarted { stage in
                #expect(stage.snapshot.challenge == challenge, "over a restart")
                let code = try #require(stage.fake.code(to: Stage.memberEmail))
                let done = try await stage.answer(["code": code], minutes: 60)
                #expect(done.outcome == .signedIn && stage.snapshot.challenge == nil)
                #expect(stage.snapshot.expiresAt == stage.clock.now().wall + 3_600_000)
            }
        }
    }

    @Test("somebody of a domain that may join becomes a member by the code", arguments: StytchStage.Entrance.allCases)
    func joining(entrance: StytchStage.Entrance) async throws {
        try await StytchStage.with(.b2b(entrance)) { stage in
            let organization = stage.fake.addOrganization(joiningDomains: ["example.org"])
            try await stage.signIn("otp", ["organizationId": organization, "email": Stage.memberEmail])
            try await stage.answer(["code": try #require(stage.fake.code(to: Stage.memberEmail))])
            #expect(stage.object("member")?["email_address"] == .string(Stage.memberEmail))
            let stranger = await failure {
                try await stage.signIn("otp", ["organizationId": organization, "email": "eve@elsewhere.org"])
            }
            #expect(stranger == .upstreamRejected(reason: "member_not_found", status: 404))
        }
    }

    @Test("the token of a link that Stytch has sent signs in, once", arguments: StytchStage.Entrance.allCases)
    func magicLink(entrance: StytchStage.Entrance) async throws {
        try await StytchStage.with(.b2b(entrance)) { stage in
            let organization = stage.fake.addOrganization()
            let member = stage.fake.addMember(of: organization, email: Stage.memberEmail)
            let token = stage.fake.sendLink(to: Stage.memberEmail, ownerID: member)
            #expect(try await stage.signIn("magicLink", ["token": token], minutes: 30).outcome == .signedIn)
            #expect(stage.fake.sessions.first?.ownerID == member)
            _ = try await stage.keeper.invalidate(expect: nil)
            let again = await failure { try await stage.signIn("magicLink", ["token": token]) }
            #expect(again == .upstreamRejected(reason: "unable_to_auth_magic_link", status: 401))
        }
    }

    @Test(
        "discovery offers the address's organizations and signs in to the one that is chosen",
        arguments: [true, false], StytchStage.Entrance.allCases)
    func discovery(withPassword: Bool, entrance: StytchStage.Entrance) async throws {
        try await StytchStage.with(.b2b(entrance)) { stage in
            let acme = stage.fake.addOrganization(name: "Acme", slug: "acme")
            let bank = stage.fake.addOrganization(name: "Bank", slug: "bank", requiresMFA: true)
            stage.fake.addOrganization(name: "Others", slug: "others")
            for organization in [acme, bank] {
                stage.fake.addMember(
                    of: organization, email: Stage.memberEmail, password: Stage.memberPassword,
                    recoveryCodes: ["r-1"])
            }
            if withPassword {
                try await stage.signIn("discovery", ["email": Stage.memberEmail, "password": Stage.memberPassword])
                let call = stage.fake.calls(on: "passwords/discovery/authenticate").first
                #expect(call?.body?["session_duration_minutes"] == nil, "no session is made yet")
            } else {
                try await stage.signIn("discovery", ["email": Stage.memberEmail])
                #expect(stage.snapshot.challenge?.kind == "otp")
                #expect(stage.snapshot.challenge?.details == ["sentTo": "b***@example.org"])
                let wrong = await failure { try await stage.answer(["code": "000000"]) }
                #expect(wrong == .upstreamRejected(reason: "unable_to_auth_otp_code", status: 401))
                try await stage.answer(["code": try #require(stage.fake.code(to: Stage.memberEmail))])
            }
            let choice = try #require(stage.snapshot.challenge)
            #expect(choice.kind == "organization" && choice.expiresAt == stage.clock.now().wall + 600_000)
            #expect(
                choice.details == [
                    "organizations": [
                        ["id": .string(acme), "name": "Acme", "slug": "acme", "mfaRequired": false],
                        ["id": .string(bank), "name": "Bank", "slug": "bank", "mfaRequired": true],
                    ]
                ])
            let wrong = await failure { try await stage.answer(["organizationId": "organization-test-none"]) }
            #expect(wrong == .upstreamRejected(reason: "organization_not_found", status: 404))
            try await stage.restarted { stage in
                #expect(stage.snapshot.challenge == choice, "a wrong choice leaves it open, and so does a restart")
                let chosen = try await stage.answer(["organizationId": acme], minutes: 60)
                #expect(chosen.outcome == .signedIn && chosen.publication.snapshot.phase == .active)
                #expect(stage.object("organization")?["organization_id"] == .string(acme))
                #expect(stage.snapshot.expiresAt == stage.clock.now().wall + 3_600_000)
                stage.expectIntermediatesStayInside()
            }
        }
    }

    @Test("a chosen organization that asks for a second factor gets it", arguments: StytchStage.Entrance.allCases)
    func discoveryThenFactor(entrance: StytchStage.Entrance) async throws {
        try await StytchStage.with(.b2b(entrance)) { stage in
            let bank = stage.fake.addOrganization(requiresMFA: true)
            let member = stage.fake.addMember(
                of: bank, email: Stage.memberEmail, password: Stage.memberPassword, totp: true)
            try await stage.signIn("discovery", ["email": Stage.memberEmail, "password": Stage.memberPassword])
            let choice = try #require(stage.snapshot.challenge)
            #expect(try await stage.answer(["organizationId": bank]).outcome == .challenge)
            let factor = try #require(stage.snapshot.challenge)
            #expect(factor.kind == "mfa" && factor.id != choice.id)
            let code = try #require(stage.fake.totpCode(of: member))
            #expect(try await stage.answer(["method": "totp", "code": code]).outcome == .signedIn)
            #expect(stage.fake.sessions.first?.factors == ["password", "totp"])
            stage.expectIntermediatesStayInside()
        }
    }

    @Test("what Stytch says about an organization's second factor is what the choice shows")
    func mfaRequired() async throws {
        let cases: [(JSONValue, Bool)] = [
            (["mfa_required": ["member_options": nil]], true), (["mfa_required": nil], false), ([:], false),
            (["organization": ["organization_id": "o", "mfa_policy": "REQUIRED_FOR_ALL"]], true),
            (["membership": ["member": ["mfa_enrolled": true]]], true),
        ]
        for (discovered, isRequired) in cases {
            try await StytchStage.with(.b2b()) { stage in
                let organization = stage.fake.addOrganization()
                stage.fake.addMember(of: organization, email: Stage.memberEmail, password: Stage.memberPassword)
                var members = discovered.objectValue ?? [:]
                members["organization"] = members["organization"] ?? ["organization_id": "o"]
                stage.fake.script(
                    .set("discovered_organizations", [.object(members), "nonsense", ["organization": [:]]]),
                    on: "passwords/discovery/authenticate")
                try await stage.signIn("discovery", ["email": Stage.memberEmail, "password": Stage.memberPassword])
                let expected: JSONValue = ["id": "o", "name": nil, "slug": nil, "mfaRequired": .bool(isRequired)]
                #expect(stage.snapshot.challenge?.details["organizations"] == [expected], "\(discovered)")
            }
        }
    }

    @Test("an address without an organization is refused with the reason, and nobody is signed in")
    func nowhere() async throws {
        try await StytchStage.with(.b2b()) { stage in
            try await stage.signIn("discovery", ["email": "nobody@example.org"])
            let code = try #require(stage.fake.code(to: "nobody@example.org"))
            let refused = await failure { try await stage.answer(["code": code]) }
            #expect(refused == .upstreamRejected(reason: "organization_not_found", status: nil))
            #expect(stage.token == nil)
        }
    }

    @Test("a connected app's access token becomes a session", arguments: StytchStage.Entrance.allCases)
    func accessToken(entrance: StytchStage.Entrance) async throws {
        try await StytchStage.with(.b2b(entrance)) { stage in
            try await stage.signInAda()
            let organization = stage.fake.addOrganization(name: "Bank", slug: "bank")
            let member = stage.fake.addMember(of: organization, email: Stage.memberEmail)
            let grant = try #require(Secret(stage.fake.addGrant(.accessToken(clientID: "client-1"), for: member)))
            let result = try await stage.keeper.exchange(accessToken: grant, durationMinutes: 60, expect: nil)
            #expect(result.outcome == .signedIn && stage.snapshot.cause.kind == .signedIn)
            #expect(stage.object("member")?["member_id"] == .string(member))
            let call = try #require(stage.fake.calls(on: "b2b/sessions/exchange_access_token").first)
            #expect(call.session(entrance) == nil, "in nobody's name")
        }
    }

    @Test("what B2B does not have is notSupported: users, and signing up")
    func notSupported() async throws {
        try await StytchStage.with(.b2b()) { stage in
            try await stage.signInAda()
            let fetched = await failure { try await stage.keeper.fetchUser() }
            #expect(fetched == .notSupported(method: "user.fetch"))
            let updated = await failure { try await stage.keeper.updateUser([:], expect: nil) }
            #expect(updated == .notSupported(method: "user.update"))
            let signedUp = await failure {
                try await stage.keeper.signUp(
                    method: "password", fields: SignInFields([:]), durationMinutes: nil, expect: nil)
            }
            #expect(signedUp == .notSupported(method: "session.signUp"))
            #expect(stage.fake.calls().isEmpty, "nothing is asked")
        }
    }

    @Test(
        "a refused sign-in says why and leaves what was there", arguments: StytchStage.Entrance.allCases,
        [("unauthorized_credentials", 401), ("organization_suspended", 403), ("a_type_of_next_month", 402)])
    func refused(entrance: StytchStage.Entrance, error: (type: String, status: Int)) async throws {
        try await StytchStage.with(.b2b(entrance)) { stage in
            try await stage.signInAda()
            let before = stage.snapshot
            stage.fake.script(.error(error.type, status: error.status), on: "b2b/passwords/authenticate")
            let refused = await failure { try await stage.signInMember(to: "acme") }
            #expect(refused == .upstreamRejected(reason: error.type, status: error.status))
            #expect(stage.snapshot == before)
        }
    }
}
