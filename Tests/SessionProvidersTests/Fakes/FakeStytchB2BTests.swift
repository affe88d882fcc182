import FakeServices
import SessionProtocol
import Testing

/// The fake's B2B project against the published behaviour.
@Suite struct FakeStytchB2BTests {
    private let desk = StytchDesk(.b2b)

    private func logIn(_ organization: String, _ email: String = "bo@example.org") async -> StytchDesk.Reply {
        await desk.sdk(
            "b2b/passwords/authenticate",
            [
                "organization_id": .string(organization), "email_address": .string(email), "password": "correct horse",
                "session_duration_minutes": 60,
            ])
    }

    private func secondFactor(_ member: String, _ organization: String, _ more: [String: JSONValue]) -> JSONValue {
        let ids: [String: JSONValue] = [
            "organization_id": .string(organization), "member_id": .string(member), "session_duration_minutes": 60,
        ]
        return .object(ids.merging(more) { $1 })
    }

    @Test("where a second factor is missing there is an intermediate token and no session")
    func mfaSample() async throws {
        let organization = desk.fake.addOrganization(requiresMFA: true)
        desk.fake.addMember(
            of: organization, email: "bo@example.org", password: "correct horse", phone: "+15005550006")
        let reply = await logIn(organization)
        #expect(StytchDesk.differences(reply.json, from: StytchSamples.mfaRequired) == [])
        #expect(reply.text("session_token") == "")
        #expect(desk.fake.sessions.isEmpty)
    }

    @Test(
        "each second factor finishes the sign-in, with both factors in one session",
        arguments: ["sms", "totp", "recovery"])
    func secondFactors(method: String) async throws {
        let organization = desk.fake.addOrganization(requiresMFA: true)
        let member = desk.fake.addMember(
            of: organization, email: "bo@example.org", password: "correct horse", phone: "+15005550006", totp: true,
            recoveryCodes: ["r1"])
        let token = JSONValue(await logIn(organization).text("intermediate_session_token"))
        let path: String
        var more: [String: JSONValue] = ["intermediate_session_token": token]
        switch method {
        case "sms":
            _ = await desk.sdk("b2b/otps/sms/send", secondFactor(member, organization, more))
            path = "b2b/otps/sms/authenticate"
            more["code"] = JSONValue(desk.fake.code(to: "+15005550006"))
        case "totp":
            path = "b2b/totp/authenticate"
            more["code"] = JSONValue(desk.fake.totpCode(of: member))
        default:
            path = "b2b/recovery_codes/recover"
            more["recovery_code"] = "r1"
        }
        let reply = await desk.sdk(path, secondFactor(member, organization, more))
        #expect(reply.data["member_authenticated"] == true)
        #expect(reply.text("intermediate_session_token") == "")
        #expect(reply.data["mfa_required"] == JSONValue.null)
        #expect(desk.fake.sessions.first?.factors.count == 2)
        let again = await desk.sdk(path, secondFactor(member, organization, more))
        #expect(again.errorType == "intermediate_session_not_found")
    }

    @Test("an intermediate token lives ten minutes, and a second factor alone signs nobody in")
    func intermediateLifetime() async throws {
        let organization = desk.fake.addOrganization(requiresMFA: true)
        let member = desk.fake.addMember(
            of: organization, email: "bo@example.org", password: "correct horse", totp: true)
        let token = JSONValue(await logIn(organization).text("intermediate_session_token"))
        let code = JSONValue(desk.fake.totpCode(of: member))
        let alone = await desk.sdk("b2b/totp/authenticate", secondFactor(member, organization, ["code": code]))
        #expect(alone.errorType == "unauthorized_credentials")
        desk.clock.pass(minutes: 10)
        let late = await desk.sdk(
            "b2b/totp/authenticate",
            secondFactor(
                member, organization,
                ["code": JSONValue(desk.fake.totpCode(of: member)), "intermediate_session_token": token]))
        #expect(late.errorType == "intermediate_session_not_found")
    }

    @Test("the JWT has the published claims, in both spellings of the issuer")
    func claims() async throws {
        let organization = desk.fake.addOrganization()
        desk.fake.addMember(of: organization, email: "bo@example.org", roles: ["stytch_member", "editor"])
        let address: [String: JSONValue] = [
            "organization_id": .string(organization), "email_address": "bo@example.org",
        ]
        _ = await desk.sdk("b2b/otps/email/login_or_signup", .object(address))
        let finish = address.merging(
            ["code": JSONValue(desk.fake.code(to: "bo@example.org")), "session_duration_minutes": 60]) { $1 }
        let reply = await desk.sdk("b2b/otps/email/authenticate", .object(finish))
        let token = try #require(reply.text("session_token"))
        desk.fake.setCustomClaims(["tier": "gold"], of: try #require(desk.fake.sessions.first).id)
        let jwt = try #require(await desk.sdk("b2b/sessions/authenticate", session: token).text("session_jwt"))
        let claims = try #require(jwtPart(jwt, 1))
        #expect(StytchDesk.differences(claims, from: StytchSamples.memberClaims) == [])
        #expect(claims["iss"] == .string("stytch.com/\(desk.fake.projectID)"))
        #expect(claims["exp"] == 1_767_607_500)
        desk.fake.choices.issuer = .customDomain("https://login.example.org")
        let other = try #require(await desk.sdk("b2b/sessions/authenticate", session: token).text("session_jwt"))
        #expect(jwtPart(other, 1)?["iss"] == "https://login.example.org")
    }

    @Test(
        "an exchange leads to the same address elsewhere and ends its source only where that is chosen",
        arguments: [true, false])
    func exchange(ending: Bool) async throws {
        desk.fake.choices.exchangeEndsSource = ending
        let acme = desk.fake.addOrganization()
        let other = desk.fake.addOrganization(name: "Other", slug: "other")
        desk.fake.addOrganization(name: "Third", slug: "third")
        desk.fake.addOrganization(name: "Strict", slug: "strict", allowedMethods: ["sso"])
        desk.fake.addMember(of: acme, email: "bo@example.org", password: "correct horse")
        let target = desk.fake.addMember(of: other, email: "bo@example.org")
        desk.fake.addMember(of: try #require(desk.fake.organizationID("strict")), email: "bo@example.org")
        let first = await logIn(acme)
        let token = try #require(first.text("session_token"))
        let table = [
            ("third", "member_not_found"), ("nowhere", "organization_not_found"),
            ("strict", "insufficient_factors_for_session_exchange"),
        ]
        for (name, type) in table {
            let reply = await desk.sdk(
                "b2b/sessions/exchange", ["organization_id": .string(name), "session_duration_minutes": 5],
                session: token)
            #expect(reply.errorType == type)
        }
        let reply = await desk.sdk(
            "b2b/sessions/exchange", ["organization_id": "other", "session_duration_minutes": 5], session: token)
        #expect(reply.text("member_session.member_id") == target)
        #expect(reply.text("member_session.member_session_id") != first.text("member_session.member_session_id"))
        #expect(await desk.sdk("b2b/sessions/authenticate", session: token).status == (ending ? 404 : 200))
    }

    @Test("discovery finds what the address belongs to and may join, and the exchange joins it")
    func discovery() async throws {
        let acme = desk.fake.addOrganization()
        let open = desk.fake.addOrganization(name: "Open", slug: "open", joiningDomains: ["example.org"])
        desk.fake.addOrganization(name: "Closed", slug: "closed")
        desk.fake.addMember(of: acme, email: "bo@example.org")
        _ = await desk.sdk("b2b/otps/email/discovery/send", ["email_address": "bo@example.org"])
        let found = await desk.sdk(
            "b2b/otps/email/discovery/authenticate",
            ["email_address": "bo@example.org", "code": JSONValue(desk.fake.code(to: "bo@example.org"))])
        let organizations = found.data["discovered_organizations"]?.arrayValue ?? []
        #expect(organizations.compactMap { $0["organization"]?["organization_slug"]?.stringValue } == ["acme", "open"])
        let reply = await desk.sdk(
            "b2b/discovery/intermediate_sessions/exchange",
            [
                "intermediate_session_token": JSONValue(found.text("intermediate_session_token")),
                "organization_id": .string(open), "session_duration_minutes": 60,
            ])
        #expect(reply.data["member_authenticated"] == true)
        let token = try #require(reply.text("session_token"))
        let me = await desk.sdk("b2b/organizations/me", nil, session: token, verb: "GET")
        #expect(me.text("organization.organization_slug") == "open")
        let member = await desk.sdk("b2b/organizations/members/me", nil, session: token, verb: "GET")
        #expect(member.text("member.email_address") == "bo@example.org")
    }

    @Test("an organization that takes other methods only asks for another first factor")
    func primaryRequired() async {
        let organization = desk.fake.addOrganization(allowedMethods: ["magic_link"])
        let member = desk.fake.addMember(of: organization, email: "bo@example.org", password: "correct horse")
        let reply = await logIn(organization)
        #expect(reply.data["primary_required"] == ["allowed_auth_methods": ["magic_link"]])
        #expect(reply.data["mfa_required"] == JSONValue.null)
        let link = desk.fake.sendLink(to: "bo@example.org", ownerID: member, challenge: StytchDesk.challenge("v"))
        let finished = await desk.sdk(
            "b2b/magic_links/authenticate",
            [
                "magic_links_token": .string(link), "pkce_code_verifier": "v", "session_duration_minutes": 60,
                "intermediate_session_token": JSONValue(reply.text("intermediate_session_token")),
            ])
        #expect(finished.data["member_authenticated"] == true)
        #expect(desk.fake.sessions.map(\.factors) == [["password", "magic_link"]])
    }

    @Test("ending another member's sessions needs the admin role")
    func revokeMember() async throws {
        let organization = desk.fake.addOrganization()
        let bo = desk.fake.addMember(of: organization, email: "bo@example.org", password: "correct horse")
        let ada = desk.fake.addMember(
            of: organization, email: "ada@example.org", password: "correct horse",
            roles: ["stytch_member", "stytch_admin"])
        let plain = try #require(await logIn(organization).text("session_token"))
        let admin = try #require(await logIn(organization, "ada@example.org").text("session_token"))
        #expect(await desk.sdk("b2b/sessions/revoke/" + ada, nil, session: plain).errorType == "unauthorized_action")
        #expect(await desk.sdk("b2b/sessions/revoke/" + bo, nil, session: admin).status == 200)
        #expect(desk.fake.sessions.map(\.ownerID) == [ada])
    }
}
