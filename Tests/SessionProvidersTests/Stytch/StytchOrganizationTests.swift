import FakeServices
import SessionCore
import SessionProtocol
import SessionTesting
import Testing

@Suite("Organizations and members of a Stytch session", .timeLimit(.minutes(1)))
struct StytchOrganizationTests {
    private typealias Stage = StytchStage

    /// ada, signed in to Acme, who is a member of this one too.
    private func secondOrganization(
        _ stage: StytchStage, requiresMFA: Bool = false, allowedMethods: [String]? = nil, phone: String? = nil
    ) -> (organization: String, member: String) {
        let organization = stage.fake.addOrganization(
            name: "Bank", slug: "bank", requiresMFA: requiresMFA, allowedMethods: allowedMethods)
        let member = stage.fake.addMember(
            of: organization, email: "ada@example.org", password: "correct horse", phone: phone)
        return (organization, member)
    }

    @Test(
        "an exchange leads to the other organization: all three objects change in one publication",
        arguments: StytchStage.Entrance.allCases, [false, true])
    func exchange(entrance: StytchStage.Entrance, endsSource: Bool) async throws {
        try await StytchStage.with(.b2b(entrance)) { stage in
            let old = try await stage.signInAda()
            stage.fake.choices.exchangeEndsSource = endsSource
            let (bank, member) = secondOrganization(stage)
            let before = stage.snapshot
            let result = try await stage.keeper.exchange(organizationID: bank, durationMinutes: 30, expect: nil)
            #expect(result.outcome == .signedIn)
            let now = stage.clock.now().wall
            #expect(stage.snapshot.revision == before.revision + 1 && stage.snapshot.cause.kind == .signedIn)
            #expect(stage.validationTimes == [now, now, now])
            #expect(stage.object("session")?["organization_id"] == .string(bank))
            #expect(stage.object("member") == stage.fake.object(member))
            #expect(stage.object("organization") == stage.fake.object(bank))
            #expect(stage.snapshot.expiresAt == now + 1_800_000)
            #expect(stage.token != old.token && stage.fake.sessions.count == (endsSource ? 1 : 2))
            let call = try #require(stage.fake.calls(on: "b2b/sessions/exchange").first)
            #expect(call.session(entrance) == old.token)
            #expect(call.body?["organization_id"] == .string(bank) && call.body?["session_duration_minutes"] == 30)
            // What was asked about the old session must not end the new one.
            stage.clock.advance(byMs: 31_000)
            #expect(await stage.validate().phase == .active)
        }
    }

    @Test(
        "the other organization's second factor is asked for while the session is kept",
        arguments: StytchStage.Entrance.allCases)
    func exchangeWithFactor(entrance: StytchStage.Entrance) async throws {
        try await StytchStage.with(.b2b(entrance)) { stage in
            let old = try await stage.signInAda()
            let (bank, member) = secondOrganization(stage, requiresMFA: true, phone: Stage.memberPhone)
            let begun = try await stage.keeper.exchange(organizationID: bank, durationMinutes: nil, expect: nil)
            #expect(begun.outcome == .challenge && stage.snapshot.phase == .active && stage.token == old.token)
            let challenge = try #require(stage.snapshot.challenge)
            #expect(challenge.kind == "mfa" && challenge.details == ["methods": ["sms_otp"]])
            try await stage.answer(["method": "sms_otp"])
            await stage.heartbeat()
            #expect(stage.snapshot.challenge?.id == challenge.id)
            let code = try #require(stage.fake.code(to: Stage.memberPhone))
            try await stage.answer(["method": "sms_otp", "code": code])
            #expect(stage.object("member")?["member_id"] == .string(member) && stage.token != old.token)
            stage.expectIntermediatesStayInside()
        }
    }

    @Test("an exchange that Stytch refuses changes nothing", arguments: StytchStage.Entrance.allCases)
    func exchangeRefused(entrance: StytchStage.Entrance) async throws {
        try await StytchStage.with(.b2b(entrance)) { stage in
            try await stage.signInAda()
            let (strict, _) = secondOrganization(stage, allowedMethods: ["sso"])
            let foreign = stage.fake.addOrganization(name: "Others", slug: "others")
            let before = stage.snapshot
            let cases = [
                (strict, "insufficient_factors_for_session_exchange", 401), (foreign, "member_not_found", 404),
                ("organization-test-none", "organization_not_found", 404),
            ]
            for (organization, reason, status) in cases {
                let refused = await failure {
                    try await stage.keeper.exchange(organizationID: organization, durationMinutes: nil, expect: nil)
                }
                #expect(refused == .upstreamRejected(reason: reason, status: status))
                #expect(stage.snapshot == before)
            }
        }
    }

    @Test("signed out there is nothing to exchange", arguments: StytchStage.Entrance.allCases)
    func exchangeSignedOut(entrance: StytchStage.Entrance) async throws {
        try await StytchStage.with(.b2b(entrance)) { stage in
            let bank = stage.fake.addOrganization(requiresMFA: true)
            func exchange() async -> KeeperError? {
                await failure {
                    try await stage.keeper.exchange(organizationID: bank, durationMinutes: nil, expect: nil)
                }
            }
            #expect(await exchange() == .notSignedIn(.signedOut))
            stage.fake.addMember(of: bank, email: Stage.memberEmail, password: Stage.memberPassword, totp: true)
            try await stage.signInMember(to: bank)
            #expect(await exchange() == .notSignedIn(.challenged), "half a sign-in is none")
            #expect(stage.fake.calls(on: "b2b/sessions/exchange").isEmpty)
        }
    }

    @Test(
        "a code in the same organization, however it is named, is one more factor of the session that is held",
        arguments: ["organization_id", "organization_slug", "organization_external_id"],
        StytchStage.Entrance.allCases)
    func stepUp(name: String, entrance: StytchStage.Entrance) async throws {
        try await StytchStage.with(.b2b(entrance)) { stage in
            let held = try await stage.signInAda()
            let id = try #require(stage.object("organization")?["organization_id"]?.stringValue)
            stage.fake.set("organization_external_id", to: "customer-7", of: id)
            await stage.heartbeat()
            let organization = try #require(stage.object("organization")?[name]?.stringValue)
            try await stage.signIn("otp", ["organizationId": organization, "email": "ada@example.org"])
            #expect(stage.snapshot.phase == .active, "the challenge stands beside the session")
            let revision = stage.snapshot.revision
            let code = try #require(stage.fake.code(to: "ada@example.org"))
            let done = try await stage.answer(["code": code], minutes: 60)
            #expect(done.outcome == .signedIn && stage.snapshot.cause.kind == .updated)
            #expect(stage.snapshot.revision == revision + 1 && stage.snapshot.challenge == nil)
            #expect(stage.fake.sessions.map(\.id) == [held.id] && stage.token == held.token)
            #expect(stage.fake.sessions.first?.factors == ["password", "email_otp"])
            #expect(stage.object("session")?["authentication_factors"]?.arrayValue?.count == 2)
        }
    }

    @Test(
        "a code in another organization is a sign-in of its own, and the session goes nowhere",
        arguments: StytchStage.Entrance.allCases)
    func otherOrganization(entrance: StytchStage.Entrance) async throws {
        try await StytchStage.with(.b2b(entrance)) { stage in
            let held = try await stage.signInAda()
            let (bank, member) = secondOrganization(stage)
            try await stage.signIn("otp", ["organizationId": bank, "email": "ada@example.org"])
            try await stage.answer(["code": try #require(stage.fake.code(to: "ada@example.org"))])
            #expect(stage.snapshot.cause.kind == .signedIn && stage.token != held.token)
            #expect(stage.object("member")?["member_id"] == .string(member))
            #expect(stage.fake.calls().allSatisfy { $0.session(entrance) == nil })
        }
    }

    @Test("another member's code is a sign-in of its own", arguments: StytchStage.Entrance.allCases)
    func otherMember(entrance: StytchStage.Entrance) async throws {
        try await StytchStage.with(.b2b(entrance)) { stage in
            let held = try await stage.signInAda()
            let organization = try #require(stage.object("organization")?["organization_id"]?.stringValue)
            let member = stage.fake.addMember(of: organization, email: Stage.memberEmail)
            try await stage.signIn("otp", ["organizationId": organization, "email": Stage.memberEmail])
            try await stage.answer(["code": try #require(stage.fake.code(to: Stage.memberEmail))])
            #expect(stage.snapshot.cause.kind == .signedIn && stage.token != held.token)
            #expect(stage.object("member")?["member_id"] == .string(member))
            #expect(stage.fake.calls().allSatisfy { $0.session(entrance) == nil })
        }
    }

    @Test(
        "a heartbeat brings what was changed at Stytch, all three with one time, in one publication",
        arguments: StytchStage.Entrance.allCases)
    func heartbeat(entrance: StytchStage.Entrance) async throws {
        try await StytchStage.with(.b2b(entrance)) { stage in
            try await stage.signInAda()
            let before = stage.snapshot
            await stage.heartbeat()
            let now = stage.clock.now().wall
            #expect(stage.validationTimes == [now, now, now] && stage.snapshot.revision == before.revision)
            #expect(stage.snapshot.expiresAt == before.expiresAt, "it never extends")

            let organization = try #require(stage.object("organization")?["organization_id"]?.stringValue)
            let member = try #require(stage.object("member")?["member_id"]?.stringValue)
            stage.fake.set("organization_name", to: "Acme & Daughters", of: organization)
            stage.fake.set("name", to: "Ada Lovelace", of: member)
            await stage.heartbeat()
            let later = stage.clock.now().wall
            #expect(stage.validationTimes == [later, later, later])
            #expect(stage.object("organization")?["organization_name"] == "Acme & Daughters")
            #expect(stage.object("member")?["name"] == "Ada Lovelace")
            #expect(stage.snapshot.revision == before.revision + 1 && stage.snapshot.cause.kind == .validated)
        }
    }

    @Test("an answer without the organization keeps it, with the time at which it was confirmed")
    func partialAnswer() async throws {
        try await StytchStage.with(.b2b()) { stage in
            try await stage.signInAda()
            let then = stage.validationTimes
            let organization = stage.object("organization")
            stage.fake.script(.all([.remove("organization"), .set("member", nil)]), on: "sessions/authenticate")
            await stage.heartbeat()
            #expect(stage.validationTimes == [stage.clock.now().wall, then[1], then[2]])
            #expect(stage.object("organization") == organization && stage.snapshot.phase == .active)
        }
    }

    @Test(
        "the end of a session clears all three, the organization among them",
        arguments: ["revoke", "force", "elsewhere", "invalidate"], StytchStage.Entrance.allCases)
    func cleared(way: String, entrance: StytchStage.Entrance) async throws {
        try await StytchStage.with(.b2b(entrance)) { stage in
            let held = try await stage.signInAda()
            switch way {
            case "revoke": _ = try await stage.keeper.revoke(.current, force: false, expect: nil)
            case "force":
                stage.fake.always(.drop)
                _ = try await stage.keeper.revoke(.current, force: true, expect: nil)
            case "elsewhere":
                stage.fake.revoke(sessionID: held.id)
                await stage.validate()
            default: _ = try await stage.keeper.invalidate(expect: nil)
            }
            #expect(stage.snapshot.phase == .signedOut)
            #expect(
                stage.snapshot.objects == [
                    "session": .unavailable(.signedOut), "member": .unavailable(.signedOut),
                    "organization": .unavailable(.signedOut),
                ])
            #expect(stage.vault.record(of: "p")?.session == nil)
        }
    }

    @Test(
        "all of a member's sessions are ended with one call, from the app too", arguments: StytchStage.Entrance.allCases
    )
    func revokeAll(entrance: StytchStage.Entrance) async throws {
        try await StytchStage.with(.b2b(entrance)) { stage in
            let held = try await stage.signInAda()
            let elsewhere = stage.fake.openSession(of: held.ownerID)
            let (_, other) = secondOrganization(stage)
            let others = stage.fake.openSession(of: other)
            let result = try await stage.keeper.revoke(.all, force: false, expect: nil)
            #expect(result.isConfirmed && stage.snapshot.cause.kind == .revoked)
            #expect(stage.fake.sessions == [others], "\(elsewhere.id) has ended too, another member's has not")
            let calls = stage.fake.calls()
            #expect(calls.count == 1)
            let call = try #require(calls.first)
            if entrance == .sdk {
                #expect(call.path == "/sdk/v1/b2b/sessions/revoke/\(held.ownerID)" && call.sessionToken == held.token)
            } else {
                #expect(call.path == "/v1/b2b/sessions/revoke" && call.body == ["member_id": .string(held.ownerID)])
            }
        }
    }
}
