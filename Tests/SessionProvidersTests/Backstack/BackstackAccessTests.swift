import FakeServices
import SessionCore
import SessionProtocol
import SessionTesting
import Testing

@Suite("Access and alerts at Backstack", .timeLimit(.minutes(1)))
struct BackstackAccessTests {
    /// Requirements, and whether they are met with `account-users` c and r, `cards` r and u, `odd` * and `none` nothing.
    static let requirements: [(String, Bool)] = [
        ("*", true), ("", false), ("account-users", true), ("account-users:*", true), ("account-users:c", true),
        ("account-users:cd", true), ("account-users:d", false), ("account-users:C", false), ("account-users:", false),
        ("account-users:c:x", true), ("account-users:d:c", false), ("unknown", false), ("unknown:r", false),
        ("unknown,cards:u", true), ("unknown, cards:u", false), (" cards:u", false), ("unknown,*", true),
        ("none", true), ("none:*", true), ("none:c", false), ("odd:*", true), ("odd:c", false), ("odd", true),
    ]

    @Test("requirements are met as the demo front end has it, without asking the service")
    func isMet() async throws {
        try await BackstackStage.with { stage in
            let people = stage.settle()
            stage.fake.setAccess(
                ["account-users": "cr", "cards": "ru", "odd": "*", "none": ""], of: people.kari, in: people.yard)
            #expect(stage.allows("*") && !stage.allows("cards"), "signed out")
            try await stage.signIn()
            stage.fake.forgetCalls()
            stage.fake.always(.drop)
            for (required, isAllowed) in Self.requirements {
                #expect(stage.allows(required) == isAllowed, "\(required)")
            }
            let publication = stage.keeper.publication
            #expect(stage.keeper.allows(.action("u", resource: "cards"), in: publication))
            #expect(!stage.keeper.allows(.action("d", resource: "cards"), in: publication))
            #expect(stage.fake.calls().isEmpty)
            await stage.validate()
            #expect(stage.snapshot.phase == .stale && stage.allows("cards:u"), "offline")
            _ = try await stage.keeper.invalidate(expect: nil)
            #expect(stage.allows("*") && !stage.allows("cards") && !stage.allows(""))
        }
    }

    @Test("in demo mode any requirement is met that is one, unless the screen is locked")
    func demo() async throws {
        var setup = BackstackStage.Setup.strict
        setup.choices.isDemo = true
        try await BackstackStage.with(setup) { stage in
            stage.fake.setAlerts([["id": "card", "access": "cards:u"], ["id": "empty", "access": ""]])
            try await stage.signInKari()
            #expect(stage.object("access") == [:] && stage.object("session")?["demo"] == true)
            #expect(
                stage.object("session")?["access_signature"] == "d751713988987e9331980363e24189ce", "of an empty access"
            )
            #expect(stage.allows("cards:u") && stage.allows("anything") && stage.allows("*") && !stage.allows(""))
            #expect(stage.keeper.allows(.action("c", resource: "x"), in: stage.keeper.publication))
            #expect(stage.alertIDs == ["card"])
            _ = try await stage.keeper.lock(expect: nil)
            #expect(!stage.allows("cards:u") && stage.allows("*") && stage.alertIDs.isEmpty)
            _ = try await stage.keeper.unlock(password: try #require(Secret(BackstackPeople.password)), expect: nil)
            #expect(stage.allows("cards:u"))
            _ = try await stage.keeper.revoke(.current, force: false, expect: nil)
            #expect(!stage.allows("cards:u") && stage.allows("*"))
        }
    }

    @Test("alerts that may be seen, the most urgent first, of those the newest, of those as Backstack has them")
    func alerts() async throws {
        func alert(_ id: String, _ access: JSONValue, _ priority: JSONValue, _ timestamp: JSONValue) -> JSONValue {
            [
                "id": .string(id), "title": "T", "description": "D", "text": "X", "href": "/pay", "access": access,
                "priority": priority, "timestamp": timestamp,
            ]
        }
        try await BackstackStage.with { stage in
            stage.fake.setAlerts([
                alert("later", "cards:u", 2, 1_730_000_000), alert("hidden", "cargo:r", 1, 1_730_000_000),
                alert("old", "cards:u", 1, 1_600_000_000), alert("new", "cards", 1, 1_730_000_000),
                alert("unranked", "*", nil, 1_740_000_000), alert("tie", "account-users:r,cargo", 1, 1_730_000_000),
                alert("text", "*", "0", "1"), alert("nobody's", nil, 1, 1_730_000_000), alert("empty", "", 1, 1),
                "no alert", alert("oldest", "*", .integer(.max), .integer(.min)),
            ])
            #expect(stage.alertIDs.isEmpty)
            try await stage.signInKari()
            #expect(stage.alertIDs == ["text", "new", "tie", "old", "later", "unranked", "oldest"])
            #expect(stage.object("alerts")?.arrayValue?.count == 11, "the object has them all")
            stage.fake.choices.leavesAlertsOut = true
            await stage.validate()
            #expect(stage.object("alerts") == [] && stage.alertIDs.isEmpty)
        }
    }
}
