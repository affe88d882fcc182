import FakeServices
import SessionCore
import SessionProtocol
import SessionTesting
import Testing

@Suite("What Backstack's answers bring", .timeLimit(.minutes(1)))
struct BackstackObjectTests {
    static let session: Set<String> = ["demo", "provider_id", "auth", "access_signature"]
    static let app: Set<String> = [
        "id", "title", "created", "login_url", "reset_url", "signup_url", "network_url", "stripe_pub_key",
        "stripe_key_exists", "allow_signup",
    ]
    static let account: Set<String> = [
        "id", "created", "title", "address", "city", "state", "zip", "url", "contact_name", "contact_email",
        "timezone_id", "country_id", "is_app_account", "phone", "domain_id", "version_id", "last_login", "utc_offset",
        "counters", "optional_features", "stats",
    ]
    static let user: Set<String> = [
        "id", "created", "last_login", "username", "name", "email", "avatar", "avatar_color", "hidden_tips",
        "screen_locked", "mobile_number", "roles", "account_user",
    ]

    @Test("every field of the session object is in one of six objects, and the jwt in none")
    func fields() async throws {
        try await BackstackStage.with { stage in
            stage.fake.setAlerts([["id": "expired-card", "access": "*"]])
            try await stage.signInKari()
            for (name, fields) in [
                ("session", Self.session), ("app", Self.app), ("account", Self.account), ("user", Self.user),
                ("access", ["account-users", "cards"]),
            ] {
                #expect(stage.object(name).flatMap(\.objectValue).map { Set($0.keys) } == fields, "\(name)")
            }
            #expect(stage.object("alerts") == [["id": "expired-card", "access": "*"]])
            #expect(stage.object("session")?["auth"] == true && stage.object("access")?["cards"] == "ru")
            #expect(stage.object("account")?["utc_offset"] == 3600 && stage.object("user")?["account_user"] == 1)
            for info in stage.snapshot.objects.values {
                guard case .available(_, let age) = info else {
                    Issue.record("\(info)")
                    continue
                }
                #expect(age == stage.snapshot.lastValidatedAt)
            }
        }
    }

    @Test("where a map is meant, PHP's [] and null are an empty one; lists stay lists")
    func emptyMaps() async throws {
        var setup = BackstackStage.Setup.strict
        setup.choices.emptyMapsAsArrays = true
        try await BackstackStage.with(setup) { stage in
            stage.fake.setVersion("ver_0", access: [:])
            let yard = stage.fake.addAccount("Yard", version: "ver_0", fields: ["stats": [:], "counters": [:]])
            stage.fake.addUser("kari", password: BackstackPeople.password, accounts: [yard])
            try await stage.signIn()
            #expect(stage.object("access") == [:])
            let account = try #require(stage.object("account"))
            #expect(account["counters"] == [:] && account["stats"] == [:] && account["optional_features"] == [])
            #expect(stage.object("user")?["hidden_tips"] == [])
            let revision = stage.snapshot.revision
            stage.fake.choices.emptyMapsAsArrays = false
            await stage.validate()
            #expect(stage.snapshot.revision == revision, "the same, written otherwise, is no change")
            for effect in [
                .set("account.counters", nil), .set("account.stats", nil), .set("access", nil), .remove("access"),
                .set("access", []), .set("alerts", nil), .remove("alerts"), .set("alerts", [:]),
            ] as [FakeEffect] {
                stage.fake.script(effect, on: "GET /app/session")
                #expect(await stage.validate().revision == revision, "\(effect)")
            }
            for name in ["account", "user", "app"] {
                stage.fake.script(.set(name, []), .set(name, nil), on: "GET /app/session")
                for _ in 1...2 {
                    await stage.validate()
                    #expect(stage.object(name) == [:] && stage.snapshot.phase == .active)
                }
            }
        }
    }

    @Test(
        "what is odd or new is kept as it came",
        arguments: [
            .set("a_member_of_next_year", ["x": [1, .number("2.50")]]), .set("account.is_app_account", 1),
            .set("account.is_app_account", 0), .set("user.avatar", nil), .remove("user.avatar_color"),
            .set("user.roles", []), .set("account.counters", ["scans": -3]), .remove("demo"), .remove("provider_id"),
            .remove("access_signature"), .set("app.title", nil), .set("user.account_user", "3"),
        ] as [FakeEffect])
    func lenient(effect: FakeEffect) async throws {
        try await BackstackStage.with { stage in
            try await stage.signInKari()
            var expected = stage.snapshot.objects.mapValues(\.value)
            stage.fake.script(effect, on: "GET /app/session")
            let snapshot = await stage.validate()
            #expect(snapshot.phase == .active && snapshot.heartbeat.lastError == nil)
            switch effect {
            case .set(let place, let value): expected.place(value, at: place)
            case .remove(let place): expected.place(nil, at: place)
            default: break
            }
            #expect(snapshot.objects.mapValues(\.value) == expected)
        }
    }

    @Test("an answer replaces everything: what it no longer has is gone, but for the app, which is the service's")
    func replacedWhole() async throws {
        try await BackstackStage.with { stage in
            let people = try await stage.signInKari()
            stage.fake.set("phone", to: nil, of: people.yard)
            stage.fake.set("name", to: nil, of: people.kari)
            stage.fake.setAccess(["cards": "r"], of: people.kari, in: people.yard)
            stage.fake.script(.remove("app"), on: "GET /app/session")
            let app = stage.snapshot.objects["app"]
            await stage.validate()
            #expect(stage.object("account")?.objectValue?.keys.contains("phone") == false)
            #expect(stage.object("user")?.objectValue?.keys.contains("name") == false)
            #expect(stage.object("access") == ["cards": "r"])
            #expect(stage.snapshot.objects["app"] == app, "with its age")
        }
    }

    /// A change at the service, and the objects that watchers are told of.
    static let changes: [(String, Set<String>)] = [
        ("access", ["access", "session"]), ("counters", ["account"]), ("features", ["account", "access", "session"]),
        ("stats", ["account"]), ("tips", ["user"]), ("alerts", ["alerts"]), ("app", ["app"]),
        ("signature", ["session"]), ("nothing", []),
    ]

    @Test("watchers are told of what has changed, and of nothing else", arguments: changes.indices)
    func watched(index: Int) async throws {
        let (change, objects) = Self.changes[index]
        try await BackstackStage.with { stage in
            stage.fake.setFeature("fea_export", access: ["export": "r"])
            let people = try await stage.signInKari()
            let (before, topics) = (await stage.validate(), stage.keeper.publication.topicSequences)
            switch change {
            case "access": stage.fake.setAccess(["cards": "r"], of: people.kari, in: people.yard)
            case "counters": stage.fake.set("counters.scans", to: 13, of: people.yard)
            case "features": stage.fake.set("optional_features", to: ["fea_export"], of: people.yard)
            case "stats": stage.fake.set("stats.user_count", to: 5, of: people.yard)
            case "tips": stage.fake.set("hidden_tips", to: ["tip_1"], of: people.kari)
            case "alerts": stage.fake.setAlerts([["id": "expired-card"]])
            case "app": stage.fake.setApp("title", to: "Dépôt")
            case "signature": stage.fake.script(.set("access_signature", "00"), on: "GET /app/session")
            default: break
            }
            stage.clock.advance(byMs: 60_000)
            let after = await stage.validate()
            let told = stage.keeper.publication.topicSequences.filter { topics[$0.key] != $0.value }
            #expect(Set(told.keys).subtracting(["token", "heartbeat"]) == objects)
            #expect(after.revision == before.revision + (objects.isEmpty ? 0 : 1))
            #expect(after.lastValidatedAt == stage.clock.now().wall && after.phase == .active)
            if change == "signature" {
                stage.fake.script(.set("access_signature", "00"), on: "GET /app/session")
                #expect(await stage.validate().revision == after.revision, "equal again")
            }
        }
    }
}

extension [String: JSONValue?] {
    /// As in Backstack's one session object: a member of another object, or of `session`.
    fileprivate mutating func place(_ value: JSONValue?, at place: String) {
        let steps = place.split(separator: ".").map(String.init)
        let (object, member) = steps.count == 2 ? (steps[0], steps[1]) : ("session", steps[0])
        var members = (self[object] ?? nil)?.objectValue ?? [:]
        members[member] = value
        self[object] = .some(.object(members))
    }
}
