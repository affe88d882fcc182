import FakeServices
import SessionCore
import SessionProtocol
import SessionTesting
import Testing

@Suite("Access by Stytch's roles", .timeLimit(.minutes(1)))
struct StytchAccessTests {
    static let policy: JSONValue = [
        "roles": [
            [
                "role_id": "editor", "description": "",
                "permissions": [
                    ["resource_id": "documents", "actions": ["read", "write"]],
                    ["resource_id": "drafts", "actions": ["*"]], ["resource_id": "stytch.member", "actions": []],
                ],
            ],
            ["role_id": "admin", "permissions": [["resource_id": "documents", "actions": ["delete"]]]],
            ["role_id": "odd"], ["permissions": [["resource_id": "all", "actions": ["*"]]]], "no role", nil,
            ["role_id": "stytch_member", "permissions": [["resource_id": "lobby", "actions": ["enter"]]]],
        ],
        "resources": [], "scopes": [],
    ]

    @Test(
        "granted is what a role of the session permits on that resource, by name or by *",
        arguments: [
            ("documents", "read", true), ("documents", "write", true), ("documents", "delete", false),
            ("documents", "*", false), ("documents", "", false), ("drafts", "anything", true),
            ("stytch.member", "read", false), ("other", "read", false), ("all", "read", false),
            ("Documents", "read", false),
        ], StytchStage.Entrance.allCases)
    func table(question: (resource: String, action: String, isGranted: Bool), entrance: StytchStage.Entrance)
        async throws
    {
        for product in [FakeStytch.Product.consumer, .b2b] {
            try await StytchStage.with(.init(product: product, entrance: entrance)) { stage in
                stage.fake.choices.rbacPolicy = Self.policy
                let session = try await stage.signInAda()
                stage.fake.set("roles", to: ["editor", "unknown", "odd"], of: session.id)
                await stage.validate()
                let publication = stage.keeper.publication
                #expect(
                    stage.keeper.allows(.action(question.action, resource: question.resource), in: publication)
                        == question.isGranted)
                #expect(
                    stage.keeper.allows(.requirement("\(question.resource):\(question.action)"), in: publication)
                        == question.isGranted)
            }
        }
    }

    @Test("an organization's own roles are added to the project's, and go as the heartbeat brings them")
    func customRoles() async throws {
        try await StytchStage.with(.init(product: .b2b)) { stage in
            stage.fake.choices.rbacPolicy = Self.policy
            let session = try await stage.signInAda()
            let organization = stage.snapshot.objects["organization"]?.value?["organization_id"]?.stringValue ?? ""
            stage.fake.set("roles", to: ["auditor"], of: session.id)
            await stage.validate()
            let question = AccessQuestion.action("read", resource: "ledger")
            #expect(!stage.keeper.allows(question, in: stage.keeper.publication))
            stage.fake.set(
                "custom_roles",
                to: [
                    [
                        "role_id": "auditor", "description": "",
                        "permissions": [["resource_id": "ledger", "actions": ["read"]]],
                    ]
                ], of: organization)
            await stage.validate()
            #expect(stage.keeper.allows(question, in: stage.keeper.publication))
        }
    }

    @Test("the policy is known after a restart before Stytch is reached, and nobody is shown it")
    func overRestart() async throws {
        try await StytchStage.with(.init(product: .b2b)) { stage in
            stage.fake.choices.rbacPolicy = Self.policy
            try await stage.signInAda()
            #expect(stage.snapshot.objects.keys.sorted() == ["member", "organization", "session"])
            #expect(!String(decoding: stage.keeper.publication.encoded, as: UTF8.self).contains("lobby"))
            stage.fake.always(.drop)
            try await stage.restarted { stage in
                #expect(stage.snapshot.phase == .unverified)
                let question = AccessQuestion.action("enter", resource: "lobby")
                #expect(stage.keeper.allows(question, in: stage.keeper.publication))
                #expect(stage.keeper.allows(.requirement("lobby:enter"), in: stage.keeper.publication))
            }
        }
    }

    @Test("signed out, and without a policy, nothing is granted; a policy that cannot be had is in nobody's way")
    func nothing() async throws {
        let question = AccessQuestion.action("read", resource: "documents")
        try await StytchStage.with { stage in
            #expect(stage.keeper.allows(.requirement("*"), in: stage.keeper.publication), "which asks for nothing")
        }
        for effect in [FakeEffect.hang, .html(status: 500), .json([:], status: 200), .drop] {
            try await StytchStage.with(.init(callMs: 20_000)) { stage in
                #expect(!stage.keeper.allows(question, in: stage.keeper.publication))
                stage.fake.always(effect, on: "projects/bootstrap/\(stage.fake.publicToken)")
                try await stage.signInAda()
                #expect(stage.snapshot.phase == .active)
                #expect(!stage.keeper.allows(question, in: stage.keeper.publication))
            }
        }
    }
}
