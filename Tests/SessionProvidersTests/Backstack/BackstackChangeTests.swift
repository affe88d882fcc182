import FakeServices
import SessionCore
import SessionProtocol
import SessionTesting
import Testing

@Suite("Locking, switching and leaving at Backstack", .timeLimit(.minutes(1)))
struct BackstackChangeTests {
    private func unlock(_ stage: BackstackStage, _ password: String = BackstackPeople.password) async throws {
        _ = try await stage.keeper.unlock(password: try #require(Secret(password)), expect: nil)
    }

    @Test("a locked screen grants nothing until the password is given; the session goes on", arguments: [true, false])
    func lock(emptyMapsAsArrays: Bool) async throws {
        var setup = BackstackStage.Setup.strict
        setup.choices.emptyMapsAsArrays = emptyMapsAsArrays
        try await BackstackStage.with(setup) { stage in
            stage.fake.setAlerts([["id": "card", "access": "cards:u"], ["id": "all", "access": "*"]])
            try await stage.signInKari()
            let access = stage.object("access")
            let locked = try await stage.keeper.lock(expect: nil).snapshot
            #expect(locked.phase == .locked && locked.cause.kind == .locked)
            #expect(locked.objects["access"] == .unavailable(.locked))
            #expect(stage.object("user")?["screen_locked"] == true && stage.object("account") != nil)
            #expect(stage.allows("*") && !stage.allows("cards") && stage.alertIDs == ["all"])
            #expect(try await stage.keeper.tokens(minValidMs: 0).session?.tokens.sessionToken != nil)

            let revision = stage.snapshot.revision
            #expect(await stage.validate().phase == .locked && stage.snapshot.revision == revision)
            for status in [400, 401, 422] {
                stage.fake.choices.statusOfWrongPassword = status
                let wrong = await failure { try await unlock(stage, "wrong horse") }
                #expect(wrong == .upstreamRejected(reason: "invalid_credentials", status: status))
                #expect(stage.snapshot.phase == .locked)
            }
            try await stage.restarted { stage in
                await stage.profile.until { $0.snapshot.phase == .locked }
                try await unlock(stage)
                #expect(stage.snapshot.phase == .active && stage.snapshot.cause.kind == .unlocked)
                #expect(stage.object("access") == access && stage.allows("cards:u"))
                #expect(stage.alertIDs == ["card", "all"])
                let call = try #require(stage.fake.calls(on: "POST /user/lock-screen").last)
                #expect(call.body == ["password": .string(BackstackPeople.password)])
                #expect(stage.fake.calls(on: "GET /user/lock-screen").count == 1)
            }
        }
    }

    @Test("a screen that is locked or unlocked elsewhere is found by the heartbeat")
    func lockedElsewhere() async throws {
        try await BackstackStage.with { stage in
            let people = try await stage.signInKari()
            stage.fake.setLocked(true, of: people.kari)
            #expect(await stage.validate().phase == .locked && stage.snapshot.cause.kind == .locked)
            stage.fake.setLocked(false, of: people.kari)
            #expect(await stage.validate().phase == .active && stage.snapshot.cause.kind == .unlocked)
            #expect(stage.allows("cards"))
        }
    }

    @Test("accounts come in any form and from either place, and switching replaces everything", arguments: FakeForm.all)
    func switchAccount(form: FakeForm) async throws {
        var setup = BackstackStage.Setup.strict
        setup.choices.changeAccounts = form.accounts
        setup.choices.generation = form.generation
        try await BackstackStage.with(setup) { stage in
            let people = try await stage.signInKari(accounts: 2)
            if form.hasMoved { stage.fake.always(.error("404"), on: "/user/change-account") }
            let revision = stage.snapshot.revision
            let list = try await stage.keeper.listAccounts()
            let expected = [
                AccountList.Account(id: people.quay, title: "East Quay"),
                AccountList.Account(id: people.yard, title: "North Yard"),
            ]
            #expect(list.accounts == (form.accounts == .map ? expected : expected.reversed()))
            #expect(list.current == people.yard && stage.snapshot.revision == revision)

            let switched = try await stage.keeper.switchAccount(id: people.quay, expect: nil).snapshot
            #expect(switched.phase == .active && switched.cause.kind == .accountSwitched)
            #expect(stage.object("account")?["id"] == .string(people.quay))
            #expect(stage.object("access") == ["cargo": "crud"] && !stage.allows("cards") && stage.allows("cargo:d"))
            let call = try #require(stage.fake.calls(on: "POST change-account").last)
            #expect(call.body == ["account_id": .string(people.quay)])
            #expect(call.path == (form.hasMoved ? "/account/change-account" : "/user/change-account"))
            #expect(try await stage.keeper.listAccounts().current == people.quay)
            #expect(await stage.validate().phase == .active)

            let unknown = await failure { try await stage.keeper.switchAccount(id: "acc_0", expect: nil) }
            #expect(unknown == .upstreamRejected(reason: "account_not_found", status: 400))
            #expect(stage.object("account")?["id"] == .string(people.quay))
        }
    }

    struct FakeForm: Sendable, CustomTestStringConvertible {
        var accounts: FakeBackstackChoices.Accounts
        var generation = FakeBackstackChoices.Generation.bare
        var hasMoved = false
        var testDescription: String { "\(accounts), \(generation), moved: \(hasMoved)" }

        static let all = [
            FakeForm(accounts: .map), FakeForm(accounts: .array), FakeForm(accounts: .pairs),
            FakeForm(accounts: .map, generation: .enveloped("data")),
            FakeForm(accounts: .map, generation: .enveloped("data"), hasMoved: true),
            FakeForm(accounts: .array, generation: .enveloped("payload"), hasMoved: true),
        ]
    }

    @Test(
        "lists of accounts that are odd are read as they are meant",
        arguments: [
            ([], []), (nil, []), ([:], []), (["accounts": []], []), (["accounts": ["a_1": nil]], ["a_1:a_1"]),
            ([["id": 7, "title": "Seven"]], ["7:Seven"]), ([["id": "a_1", "title": 7], "x", 3], ["a_1:7"]),
            (["accounts": "A title", "b": "B"], ["accounts:A title", "b:B"]),
            (["a_1": "North", "jwt": "h.p.s"], ["a_1:North"]), ([["id": "a_1"]], ["a_1:a_1"]),
        ] as [(JSONValue, [String])])
    func oddLists(list: JSONValue, expected: [String]) async throws {
        try await BackstackStage.with { stage in
            try await stage.signInKari()
            stage.fake.script(.json(list, status: 200), on: "GET /user/change-account")
            let found = try await stage.keeper.listAccounts()
            #expect(found.accounts.map { "\($0.id):\($0.title)" } == expected)
        }
    }

    /// What a change of the held session may meet; nil: out of reach.
    static let mishaps: [(FakeEffect, KeeperError?)] = [
        (.drop, nil), (.error("500"), nil), (.error("429"), nil), (.html(status: 200), nil), (.html(status: 403), nil),
        (.text("[", type: "application/json", status: 200), nil),
        // The one that validates afterwards finds the session in order.
        (.error("401"), nil),
        (.error("403"), .upstreamRejected(reason: "permission_lacking", status: 403)),
        (.error("404"), .misconfigured(reason: "unknown_resource")),
        (.error("400", details: ["type": "codebase"]), .upstreamRejected(reason: "bad_request", status: 400)),
    ]

    @Test("what goes wrong with a change or a question keeps the session as it is", arguments: mishaps.indices)
    func goesWrong(index: Int) async throws {
        let (effect, expected) = Self.mishaps[index]
        try await BackstackStage.with { stage in
            let people = try await stage.signInKari(accounts: 2)
            let before = stage.snapshot.objects.mapValues(\.value)
            for path in ["lock-screen", "change-account"] { stage.fake.always(effect, on: path) }
            let errors = [
                await failure { try await stage.keeper.lock(expect: nil) },
                await failure { try await unlock(stage) },
                await failure { try await stage.keeper.listAccounts() },
            ]
            let switching = await failure { try await stage.keeper.switchAccount(id: people.quay, expect: nil) }
            stage.fake.unscript()
            switch expected {
            case .upstreamRejected("bad_request", let status): #expect(switching == .accountNotFound(status))
            case .upstreamRejected: #expect(switching == expected)
            // An unknown id is the likelier cause than an unknown place.
            case .misconfigured: #expect(switching == .accountNotFound(404))
            default:
                guard case .upstreamUnavailable? = switching else {
                    Issue.record("\(String(describing: switching))")
                    return
                }
            }
            for error in errors {
                switch (error, expected) {
                case (.upstreamUnavailable, nil): break
                case (let error, let expected): #expect(error == expected)
                }
            }
            #expect(stage.snapshot.objects.mapValues(\.value) == before && stage.snapshot.phase == .active)
            #expect(await stage.validate().phase == .active)
        }
    }

    @Test(
        "a change in the name of a session that is gone finds that out", arguments: ["lock", "switch", "list"],
        [true, false])
    func gone(change: String, byKilledJWT: Bool) async throws {
        try await BackstackStage.with { stage in
            let people = try await stage.signInKari(accounts: 2)
            if byKilledJWT { stage.fake.killJWTs() } else { stage.fake.signOut(people.kari) }
            let error = await failure {
                switch change {
                case "lock": _ = try await stage.keeper.lock(expect: nil)
                case "switch": _ = try await stage.keeper.switchAccount(id: people.quay, expect: nil)
                default: _ = try await stage.keeper.listAccounts()
                }
            }
            #expect(error == .notSignedIn(.signedOut))
            #expect(stage.snapshot.phase == .signedOut && stage.snapshot.cause.kind == .endedElsewhere)
        }
    }

    @Test("an answer to a change that is no session is looked up")
    func lookedUp() async throws {
        var setup = BackstackStage.Setup()
        setup.choices.rotates = false
        try await BackstackStage.with(setup) { stage in
            let people = try await stage.signInKari(accounts: 2)
            for effect in [.remove("auth"), .set("auth", nil)] as [FakeEffect] {
                stage.fake.script(effect, on: "GET /user/lock-screen")
                #expect(try await stage.keeper.lock(expect: nil).snapshot.phase == .locked)
                stage.fake.script(effect, on: "POST /user/lock-screen")
                try await unlock(stage)
                #expect(stage.snapshot.phase == .active)
                stage.fake.script(effect, on: "POST /user/change-account")
                _ = try await stage.keeper.switchAccount(id: people.quay, expect: nil)
                #expect(stage.object("account")?["id"] == .string(people.quay))
            }
        }
    }
}

extension KeeperError {
    fileprivate static func accountNotFound(_ status: Int?) -> KeeperError {
        .upstreamRejected(reason: "account_not_found", status: status)
    }
}
