import FakeServices
import SessionProtocol
import Testing

/// Where the real service may do one thing or another, the fake does what a test chooses.
@Suite struct FakeStytchChoiceTests {
    private let desk = StytchDesk()
    private let login: JSONValue = [
        "email": "ada@example.org", "password": "correct horse", "session_duration_minutes": 5,
    ]

    @Test("the dashboard's settings refuse calls with their own errors")
    func dashboard() async {
        desk.fake.addUser(email: "ada@example.org", password: "correct horse")
        let table: [(change: (inout FakeStytchChoices) -> Void, status: Int, type: String?)] = [
            ({ $0.captcha = .plainText }, 403, nil),
            ({ $0.captcha = .error }, 403, "captcha_required"),
            ({ $0.disabledForSDK = ["passwords/authenticate"] }, 401, "endpoint_not_authorized_for_sdk"),
            ({ $0.maximumSessionMinutes = 4 }, 400, "invalid_session_duration"),
            ({ _ in }, 200, nil),
        ]
        for row in table {
            desk.fake.choices = FakeStytchChoices()
            row.change(&desk.fake.choices)
            let reply = await desk.sdk("passwords/authenticate", login)
            #expect(reply.status == row.status)
            #expect(reply.errorType == row.type)
        }
    }

    @Test("a dead token at a login is ignored or refused, as is chosen", arguments: [(false, 200), (true, 404)])
    func deadToken(refusing: Bool, status: Int) async {
        desk.fake.addUser(email: "ada@example.org", password: "correct horse")
        desk.fake.choices.refusesDeadTokenAtLogin = refusing
        #expect(await desk.sdk("passwords/authenticate", login, session: "dead").status == status)
    }

    @Test("whatever ends sessions on the server's side is seen at the next call")
    func endings() async throws {
        let endings: [(FakeStytch, String) -> Void] = [
            { $0.delete($1) }, { $0.revokeSessions(of: $1) }, { $0.resetPassword(of: $1, to: "new") },
            { fake, _ in for session in fake.sessions { fake.revoke(sessionID: session.id) } },
            { fake, _ in for session in fake.sessions { fake.moveExpiry(of: session.id, to: StytchDesk.start) } },
        ]
        for (index, end) in endings.enumerated() {
            let desk = StytchDesk()
            let user = desk.fake.addUser(email: "ada@example.org", password: "correct horse")
            let token = await desk.signIn()
            end(desk.fake, user)
            #expect(await desk.sdk("sessions/authenticate", session: token).status == 404, "ending \(index)")
        }
    }

    @Test("tokens of connected apps and of trusted issuers become sessions of their owner")
    func grants() async {
        let user = desk.fake.addUser(email: "ada@example.org")
        let access = JSONValue.string(desk.fake.addGrant(.accessToken(clientID: "client"), for: user))
        let trusted = JSONValue.string(desk.fake.addGrant(.trustedToken(profileID: "profile"), for: user))
        let exchanged = await desk.sdk(
            "sessions/exchange_access_token", ["access_token": access, "session_duration_minutes": 5])
        #expect(exchanged.text("session.user_id") == user)
        #expect(
            exchanged.text("session.authentication_factors.0.oauth_access_token_exchange_factor.client_id") == "client")
        let attested = await desk.sdk("sessions/attest", ["profile_id": "profile", "token": trusted])
        #expect(attested.text("user_id") == user)
        let foreign = await desk.sdk("sessions/attest", ["profile_id": "other", "token": trusted])
        #expect(foreign.status == 401)
    }

    @Test("a change in the dashboard is in the next answer")
    func changes() async throws {
        let desk = StytchDesk(.b2b)
        let organization = desk.fake.addOrganization()
        let member = desk.fake.addMember(of: organization, email: "bo@example.org")
        let session = desk.fake.openSession(of: member)
        desk.fake.set("organization_name", to: "Renamed", of: organization)
        desk.fake.set("custom_roles", to: [["role_id": "editor", "permissions": []]], of: organization)
        desk.fake.set("trusted_metadata", to: ["tier": 1], of: member)
        desk.fake.set("roles", to: ["editor"], of: session.id)
        let reply = await desk.sdk("b2b/sessions/authenticate", session: session.token)
        #expect(reply.text("organization.organization_name") == "Renamed")
        #expect(reply.text("organization.custom_roles.0.role_id") == "editor")
        #expect(reply.data["member"]?["trusted_metadata"] == ["tier": 1])
        #expect(reply.data["member_session"]?["roles"] == ["editor"])
        #expect(desk.fake.set("name", to: "x", of: "nobody") == false)
    }

    @Test("the objects have every member that their schemas require", arguments: StytchSamples.required)
    func required(object: String, members: String) async {
        let desk = StytchDesk(object == "user" || object == "session" ? .consumer : .b2b)
        let organization = desk.fake.addOrganization()
        let person =
            desk.fake.product == .consumer
            ? desk.fake.addUser(email: "ada@example.org")
            : desk.fake.addMember(of: organization, email: "bo@example.org")
        let session = desk.fake.openSession(of: person)
        let path = desk.fake.product == .consumer ? "sessions/authenticate" : "b2b/sessions/authenticate"
        let value = await desk.sdk(path, session: session.token).data[object]
        for member in members.split(separator: " ") { #expect(value?[String(member)] != nil, "\(object).\(member)") }
    }
}
