import FakeServices
import SessionProtocol
import Testing

extension Stytch {
    @Suite("An organization's session over the wire", .timeLimit(.minutes(1)))
    struct OrganizationTests {
        private static let objects: Set = ["session", "member", "organization"]

        @Test("session, member and organization come, change, are exchanged and go together")
        func life() async throws {
            let site = try await StytchSite(.b2b)
            let acme = site.fake.addOrganization()
            let member = site.fake.addMember(of: acme, email: StytchSite.email, password: StytchSite.password)
            let bank = site.fake.addOrganization(name: "Bank", slug: "bank")
            site.fake.addMember(of: bank, email: StytchSite.email)
            let daemon = try await site.daemon()
            let connection = try daemon.connect()
            #expect(
                try await connection.failure("session.exchange", ["organizationId": .string(bank)]).code == 1002)
            let watcher = try daemon.connect()
            let first = try #require(try await watcher.call("session.watch")["state"])
            expectSnapshotShape(first, objects: Self.objects)
            try await connection.call(
                "session.signIn",
                [
                    "method": "password", "organizationId": .string(acme), "email": .string(StytchSite.email),
                    "password": .string(StytchSite.password), "sessionDurationMinutes": 60,
                ])
            let state = try await watcher.state { _ in true }
            expectSnapshotShape(state, objects: Self.objects)
            #expect(state["provider"] == "stytch-b2b" && state["phase"] == "active")
            #expect(state["revision"] == first["revision"]?.integerValue.map { .integer($0 + 1) }, "one change")
            for name in Self.objects {
                #expect(state["objects"]?[name]?["lastValidatedAt"] == state["lastValidatedAt"], "\(name)")
            }
            #expect(state["objects"]?["member"]?["value"] == site.fake.object(member))

            site.fake.set("organization_name", to: "Acme & Daughters", of: acme)
            let renamed = try await watcher.state { _ in true }
            #expect(renamed["objects"]?["organization"]?["value"]?["organization_name"] == "Acme & Daughters")

            let exchanged = try await connection.call("session.exchange", ["organizationId": .string(bank)])
            #expect(exchanged["outcome"] == "signedIn")
            let moved = try await watcher.state { _ in true }
            #expect(moved["objects"]?["session"]?["value"]?["organization_id"] == .string(bank))
            #expect(moved["objects"]?["organization"]?["value"]?["organization_name"] == "Bank")
            #expect(moved["objects"]?["member"]?["value"]?["organization_id"] == .string(bank))

            try await Self.refusals(connection)
            let revoked = try await connection.call("session.revoke", ["target": "all"])
            #expect(revoked["confirmed"] == true && revoked["snapshot"]?["phase"] == "signedOut")
            for name in Self.objects {
                #expect(
                    revoked["snapshot"]?["objects"]?[name] == ["state": "unavailable", "reason": "signedOut"])
            }
            #expect(site.fake.sessions.map(\.ownerID) == [member], "the one that was exchanged lives on")
        }

        /// What B2B, and an app, cannot do.
        private static func refusals(_ connection: WireConnection) async throws {
            for (method, params) in [
                ("user.get", [:]), ("user.fetch", [:]), ("user.update", ["user": [:]]), ("session.list", [:]),
                ("session.revoke", ["target": "others"]), ("session.revoke", ["target": ["id": "member-session-1"]]),
                ("session.signUp", ["method": "password", "email": "a@b.c", "password": "correct horse"]),
                ("session.lock", [:]), ("account.list", [:]), ("alerts.list", [:]),
            ] as [(String, JSONValue)] {
                let failure = try await connection.failure(method, params)
                #expect(failure.code == 1012 && failure.kind == "notSupported", "\(method): \(failure)")
                #expect(failure.data["provider"] == "stytch-b2b" && failure.data["method"] == .string(method))
            }
        }

        @Test("roles grant what the project's policy and the organization's own roles say")
        func access() async throws {
            let site = try await StytchSite(.b2b)
            site.fake.choices.rbacPolicy = [
                "roles": [
                    [
                        "role_id": "editor",
                        "permissions": [["resource_id": "documents", "actions": ["read", "write"]]],
                    ]
                ]
            ]
            let organization = site.fake.addOrganization(customRoles: [
                ["role_id": "auditor", "permissions": [["resource_id": "ledgers", "actions": ["*"]]]]
            ])
            site.fake.addMember(
                of: organization, email: StytchSite.email, password: StytchSite.password,
                roles: ["editor", "auditor"])
            let daemon = try await site.daemon()
            let connection = try daemon.connect()
            func isAllowed(_ resource: String, _ action: String) async throws -> JSONValue? {
                try await connection.call(
                    "access.check", ["resource": .string(resource), "action": .string(action)])["allowed"]
            }
            #expect(try await isAllowed("documents", "write") == false, "signed out")
            try await connection.call(
                "session.signIn",
                [
                    "method": "password", "organizationId": .string(organization), "email": .string(StytchSite.email),
                    "password": .string(StytchSite.password),
                ])
            #expect(try await isAllowed("documents", "write") == true)
            #expect(try await isAllowed("documents", "delete") == false)
            #expect(try await isAllowed("ledgers", "anything") == true)
            #expect(try await connection.call("access.check", ["required": "documents:read"])["allowed"] == true)
        }
    }
}
