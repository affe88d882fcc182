import FakeServices
import SessionProtocol
import Testing

/// The fake's server mode for a B2B project.
@Suite struct FakeStytchB2BServerTests {
    private let desk = StytchDesk(.b2b)

    private func logIn(_ organization: String) async -> StytchDesk.Reply {
        await desk.server(
            "b2b/passwords/authenticate",
            [
                "organization_id": .string(organization), "email_address": "bo@example.org",
                "password": "correct horse",
            ])
    }

    @Test("a login without a duration lasts 60 minutes; an intermediate token comes with its expiry")
    func login() async {
        let acme = desk.fake.addOrganization()
        let strict = desk.fake.addOrganization(name: "Strict", slug: "strict", requiresMFA: true)
        for organization in [acme, strict] {
            desk.fake.addMember(of: organization, email: "bo@example.org", password: "correct horse")
        }
        #expect(await logIn(acme).text("member_session.expires_at") == "2026-01-05T11:00:00Z")
        let unfinished = await logIn(strict)
        #expect(unfinished.text("intermediate_session_token_expires_at") == "2026-01-05T10:10:00Z")
        #expect(unfinished.json["mfa_required"]?["member_options"] == JSONValue.null)
    }

    @Test("members, organizations, sessions and policies can be read")
    func reading() async {
        let acme = desk.fake.addOrganization(customRoles: [["role_id": "editor"]])
        let bo = desk.fake.addMember(of: acme, email: "bo@example.org")
        let session = desk.fake.openSession(of: bo)
        desk.fake.choices.rbacPolicy = ["roles": [], "resources": [["resource_id": "document"]], "scopes": []]
        let table: [(path: String, query: [String: String], find: String, value: String)] = [
            ("b2b/organizations/\(acme)/member", ["member_id": bo], "member.email_address", "bo@example.org"),
            ("b2b/organizations/acme", [:], "organization.organization_id", acme),
            (
                "b2b/sessions", ["organization_id": acme, "member_id": bo], "member_sessions.0.member_session_id",
                session.id
            ),
            ("b2b/rbac/policy", [:], "policy.resources.0.resource_id", "document"),
            ("b2b/rbac/organizations/\(acme)", [:], "org_policy.roles.0.role_id", "editor"),
            ("b2b/sessions/jwks/\(desk.fake.projectID)", [:], "keys.0.alg", "RS256"),
        ]
        for row in table {
            let reply = await desk.server(row.path, nil, query: row.query, verb: "GET")
            #expect(reply.text(row.find) == row.value)
        }
    }

    @Test(
        "an authorization check asks for the right organization first",
        arguments: [
            ("acme", "read", 200, nil), ("acme", "erase", 403, "session_authorization_error"),
            ("other", "read", 403, "session_authorization_tenancy_error"),
        ] as [(String, String, Int, String?)])
    func authorization(slug: String, action: String, status: Int, type: String?) async {
        let acme = desk.fake.addOrganization(
            customRoles: [["role_id": "editor", "permissions": [["resource_id": "document", "actions": ["read"]]]]])
        desk.fake.addOrganization(name: "Other", slug: "other")
        let bo = desk.fake.addMember(of: acme, email: "bo@example.org", roles: ["editor"])
        let reply = await desk.server(
            "b2b/sessions/authenticate",
            [
                "session_token": .string(desk.fake.openSession(of: bo).token),
                "authorization_check": [
                    "organization_id": JSONValue(desk.fake.organizationID(slug)), "resource_id": "document",
                    "action": .string(action),
                ],
            ])
        #expect(reply.status == status)
        #expect(reply.errorType == type)
    }

    @Test("a member's sessions end together")
    func revokeMember() async {
        let acme = desk.fake.addOrganization()
        let bo = desk.fake.addMember(of: acme, email: "bo@example.org")
        let ada = desk.fake.addMember(of: acme, email: "ada@example.org")
        for member in [bo, bo, ada] { _ = desk.fake.openSession(of: member) }
        #expect(await desk.server("b2b/sessions/revoke", ["member_id": .string(bo)]).status == 200)
        #expect(desk.fake.sessions.map(\.ownerID) == [ada])
    }
}
