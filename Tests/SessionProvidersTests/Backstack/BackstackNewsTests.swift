import FakeServices
import SessionCore
import SessionProtocol
import SessionTesting
import Testing

/// Every answer of the third generation brings a jwt, and each jwt is dead once there is a newer one: whoever loses one
/// has lost the session.
@Suite("What Backstack's answers say beside what was asked", .timeLimit(.minutes(1)))
struct BackstackNewsTests {
    private static var strict: BackstackStage.Setup {
        var setup = BackstackStage.Setup.strict
        setup.choices.generation = .enveloped("data")
        return setup
    }

    @Test("a refused question keeps the jwt that came with the refusal")
    func refusedQuestion() async throws {
        var setup = Self.strict
        setup.choices.statusWhileLocked = 403
        try await BackstackStage.with(setup) { stage in
            try await stage.signInKari(accounts: 2)
            _ = try await stage.keeper.lock(expect: nil)
            let refused = await failure { try await stage.keeper.listAccounts() }
            #expect(refused == .upstreamRejected(reason: "permission_lacking", status: 403))
            let switching = await failure { try await stage.keeper.switchAccount(id: "acc_0", expect: nil) }
            #expect(switching == .upstreamRejected(reason: "permission_lacking", status: 403))
            #expect(await stage.validate().phase == .locked)
        }
    }

    @Test("the first of two places has replaced the jwt though it is the wrong one")
    func secondPlace() async throws {
        var setup = Self.strict
        setup.choices.hasMovedAccounts = true
        try await BackstackStage.with(setup) { stage in
            let people = try await stage.signInKari(accounts: 2)
            #expect(try await stage.keeper.listAccounts().accounts.count == 2)
            _ = try await stage.keeper.switchAccount(id: people.quay, expect: nil)
            let unknown = await failure { try await stage.keeper.switchAccount(id: "acc_0", expect: nil) }
            #expect(unknown == .upstreamRejected(reason: "account_not_found", status: 400))
            #expect(await stage.validate().phase == .active && stage.object("account")?["id"] == .string(people.quay))
        }
    }

    @Test(
        "where the second of two calls hangs, the first one's jwt is there before the keeper gives up",
        arguments: ["list", "switch", "lock"])
    func secondHangs(change: String) async throws {
        var setup = Self.strict
        setup.choices.hasMovedAccounts = true
        try await BackstackStage.with(setup) { stage in
            let people = try await stage.signInKari(accounts: 2)
            stage.fake.script(.remove("auth"), on: "GET /user/lock-screen")
            stage.way.hang(change == "lock" ? "/app/session" : "/account/change-account", times: 1)
            let error = await failure {
                switch change {
                case "list": _ = try await stage.keeper.listAccounts()
                case "switch": _ = try await stage.keeper.switchAccount(id: people.quay, expect: nil)
                default: _ = try await stage.keeper.lock(expect: nil)
                }
            }
            guard case .upstreamUnavailable? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(stage.way.hung.count == 1 && stage.way.uptimeMs < stage.way.timeoutMs)
            #expect(await stage.validate().phase == (change == "lock" ? .locked : .active))
        }
    }

    @Test("a login that hangs after the password was set leaves the challenge that signs in")
    func loginHangs() async throws {
        try await BackstackStage.with(Self.strict) { stage in
            let people = stage.settle()
            try await stage.signIn("passwordReset", ["email": "kari@depot.example"])
            let fields = ["token": try #require(stage.fake.resetToken(of: people.kari)), "password": "battery staple"]
            stage.way.hang("/app/login", times: 1)
            #expect(try await stage.answer(fields).outcome == .challenge)
            #expect(stage.snapshot.challenge?.details["passwordChanged"] == true)
            #expect(stage.way.uptimeMs < stage.way.timeoutMs)
            #expect(try await stage.answer(["password": "battery staple"]).outcome == .signedIn)
        }
    }

    @Test("a user that is fetched finds what else has changed")
    func fetchFindsChange() async throws {
        try await BackstackStage.with { stage in
            let people = try await stage.signInKari()
            stage.fake.setLocked(true, of: people.kari)
            _ = try await stage.keeper.fetchUser()
            await stage.profile.until { $0.snapshot.phase == .locked }
            #expect(stage.snapshot.objects["access"] == .unavailable(.locked))
            stage.fake.forgetCalls()
            _ = try await stage.keeper.fetchUser()
            #expect(stage.fake.calls().count == 1, "nothing else has")
        }
    }

    @Test("a session that is stale and cannot be had anew is asked for soon")
    func staleForNow() async throws {
        try await BackstackStage.with { stage in
            try await stage.signInKari()
            stage.fake.script(.header("X-Session-Status", "stale"), .error("500"), on: "GET /app/session")
            let heartbeat = await stage.validate().heartbeat
            #expect(heartbeat.lastError == nil && heartbeat.nextAttemptAt == stage.clock.now().wall + 4000)
        }
    }

    @Test("a stop waits for the answer under way, which may bring the only jwt that is good")
    func stop() async throws {
        try await BackstackStage.with { stage in
            try await stage.signInKari()
            stage.fake.script(.held, on: "GET /app/session")
            async let validated = stage.validate()
            _ = await stage.fake.calls(atLeast: 1, on: "GET /app/session")
            async let stopped: Void = stage.keeper.shutDown()
            await stage.clock.sleeperArrives(withinMs: stage.keeper.lastCallMs)
            stage.clock.advance(byMs: 5000)
            stage.server.release()
            await stopped
            _ = await validated
            try await stage.restarted { stage in
                await stage.profile.until { $0.snapshot.phase != .unverified }
                #expect(stage.snapshot.phase == .active)
            }
        }
    }

    @Test("no object shows a credential, wherever the service puts one; access may name any feature")
    func redaction() async throws {
        try await BackstackStage.with { stage in
            let people = try await stage.signInKari()
            stage.fake.setAccess(["token": "cr"], of: people.kari, in: people.yard)
            stage.fake.set("password", to: .string("$2y$10$" + String(repeating: "a", count: 53)), of: people.kari)
            stage.fake.set("counters.token", to: 3, of: people.yard)
            stage.fake.script(
                .set("account.auth", ["jwt": "h.p.s", "token": "t", "level": 2]), on: "GET /app/session")
            await stage.validate()
            #expect(stage.object("user")?["username"] == "kari" && stage.object("user")?["password"] == nil)
            #expect(stage.object("account")?["auth"] == ["level": 2])
            #expect(stage.object("account")?["counters"]?["token"] == 3 && stage.allows("token:c"))
        }
    }

    @Test("a jwt beside the refusal of ours is another session's", arguments: ["lock", "list", "validate"])
    func jwtOfRefusedJWT(call: String) async throws {
        var setup = BackstackStage.Setup()
        setup.choices.rotates = false
        try await BackstackStage.with(setup) { stage in
            try await stage.signInKari()
            let held = stage.jwt
            let wrong = FakeEffect.all([.error("401"), .header("X-JWT", "an.other.session")])
            switch call {
            case "lock":
                stage.fake.script(wrong, on: "GET /user/lock-screen")
                _ = await failure { try await stage.keeper.lock(expect: nil) }
            case "list":
                stage.fake.script(wrong, on: "GET /user/change-account")
                _ = await failure { try await stage.keeper.listAccounts() }
            default:
                stage.fake.script(wrong, .error("500"), on: "GET /app/session")
                await stage.validate()
            }
            #expect(stage.jwt == held && stage.vault.record(of: "p")?.session?.tokens.sessionToken == held)
            #expect(await stage.validate().phase == .active)
        }
    }

    @Test("a refused choice and one that is asked for again leave the same challenge, with the newest jwt")
    func choice() async throws {
        try await BackstackStage.with(Self.strict) { stage in
            let people = stage.settle(accounts: 2)
            try await stage.signIn()
            let challenge = stage.snapshot.challenge
            for _ in 0..<2 {
                let wrong = await failure { try await stage.answer(["accountId": "acc_0"]) }
                #expect(wrong == .upstreamRejected(reason: "account_not_found", status: 400))
            }
            // The service takes this one, and says that it wants another.
            stage.fake.script(
                .set("auth", ["select_account": ["accounts": ["acc_1": "One"]]]), on: "POST /app/login-account")
            let again = await failure { try await stage.answer(["accountId": people.yard]) }
            #expect(again == .upstreamRejected(reason: "account_not_found", status: nil))
            #expect(stage.snapshot.challenge == challenge)
            try await stage.signIn()
            try await stage.answer(["accountId": people.quay])
            #expect(stage.snapshot.phase == .active && stage.object("account")?["id"] == .string(people.quay))
        }
    }

    @Test("a wrong token for a new password leaves the challenge, with the newest jwt")
    func passwordReset() async throws {
        try await BackstackStage.with(Self.strict) { stage in
            let people = stage.settle()
            _ = try await stage.keeper.signIn(
                method: "passwordReset", fields: SignInFields(["email": "kari@depot.example"]), durationMinutes: nil,
                expect: nil)
            let wrong = await failure { try await stage.answer(["token": "no", "password": "battery staple"]) }
            #expect(wrong == .upstreamRejected(reason: "invalid_token", status: 404))
            let token = try #require(stage.fake.resetToken(of: people.kari))
            let short = await failure { try await stage.answer(["token": token, "password": "short"]) }
            #expect(short == .upstreamRejected(reason: "password_refused", status: 400))
            try await stage.answer(["token": token, "password": "battery staple"])
            #expect(stage.snapshot.phase == .active)
        }
    }

    @Test("the user is read from the session as it is now, whose jwt is taken", arguments: [true, false])
    func fetchUser(isEnveloped: Bool) async throws {
        try await BackstackStage.with(isEnveloped ? Self.strict : .strict) { stage in
            let people = try await stage.signInKari()
            stage.fake.set("name", to: "Kari N.", of: people.kari)
            stage.fake.forgetCalls()
            let user = try await stage.keeper.fetchUser()
            #expect(user == stage.snapshot.objects["user"] && stage.object("user")?["name"] == "Kari N.")
            #expect(stage.fake.calls().first?.path == "/app/session")
            #expect(await stage.validate().phase == .active)
            _ = try await stage.keeper.lock(expect: nil)
            _ = try await stage.keeper.fetchUser()
            #expect(stage.object("user")?["screen_locked"] == true && !stage.allows("cards"))
            stage.fake.signOut(people.kari)
            #expect(await failure { try await stage.keeper.fetchUser() } == .notSignedIn(.signedOut))
        }
    }

    @Test("that nobody is signed in, said beside a list, ends the session at once")
    func authenticating() async throws {
        try await BackstackStage.with(Self.strict) { stage in
            let people = try await stage.signInKari(accounts: 2)
            stage.fake.script(
                .all([.header("X-Session-Status", "auth"), .held]), on: "GET /user/change-account")
            async let list = stage.keeper.listAccounts()
            _ = await stage.fake.calls(atLeast: 1, on: "GET /user/change-account")
            stage.fake.signOut(people.kari)
            stage.server.release()
            #expect(try await list.accounts.count == 2)
            await stage.profile.until { $0.snapshot.cause.kind == .endedElsewhere }
        }
    }

    @Test("a young session whose logout is refused is asked about once more")
    func youngLogout() async throws {
        try await BackstackStage.with { stage in
            stage.settle()
            try await stage.signIn()
            stage.fake.script(.error("401"), on: "GET /app/logout")
            async let revoked = stage.keeper.revoke(.current, force: false, expect: nil)
            await stage.clock.sleeperArrives(withinMs: 2000)
            stage.clock.advance(byMs: 2000)
            #expect(try await revoked.isConfirmed)
            #expect(stage.fake.calls(on: "GET /app/logout").map(\.status) == [401, 200])
        }
    }

    /// Errors that come as a success, and what a lock then says.
    static let disguised: [(JSONValue, KeeperError)] = [
        (["success": false, "payload": ["type": "user", "code": "400"]], .rejected(400)),
        (["success": false, "payload": ["type": "user"]], .rejected(400)),
        (["error": ["type": "codebase", "code": "403"]], .upstreamRejected(reason: "permission_lacking", status: 403)),
        (["success": false, "message": "An error occurred."], .upstreamUnavailable(nextAttemptAt: nil)),
        (["success": false, "payload": ["type": "system", "code": "x"]], .upstreamUnavailable(nextAttemptAt: nil)),
    ]

    @Test(
        "an error that comes as a success is read by its code, or by whose mistake it is", arguments: disguised.indices)
    func errorAsSuccess(index: Int) async throws {
        let (body, expected) = Self.disguised[index]
        try await BackstackStage.with { stage in
            try await stage.signInKari()
            stage.fake.script(.json(body, status: 200), on: "GET /user/lock-screen")
            let error = await failure { try await stage.keeper.lock(expect: nil) }
            switch (error, expected) {
            case (.upstreamUnavailable, .upstreamUnavailable): break
            case (let error, let expected): #expect(error == expected)
            }
            #expect(stage.snapshot.phase == .active)
        }
    }

    @Test("a jwt beside the payload counts, and one that is too long for a header does not")
    func odd() async throws {
        var setup = BackstackStage.Setup()
        setup.choices.rotates = false
        try await BackstackStage.with(setup) { stage in
            try await stage.signInKari()
            let held = try #require(stage.jwt)
            let session = try #require(stage.object("session"))
            stage.fake.script(
                .json(["success": true, "jwt": "h.p.s", "data": session], status: 200), on: "GET /app/session")
            await stage.validate()
            #expect(stage.jwt == Secret("h.p.s"))
            _ = try await stage.keeper.update(HandedInSession(sessionToken: held), expect: nil)
            await stage.profile.until { $0.snapshot.phase == .active }
            stage.fake.script(.set("jwt", .string(String(repeating: "j", count: 20_000))), on: "GET /app/session")
            #expect(await stage.validate().phase == .active && stage.jwt == held)
        }
    }

    @Test("a session that is handed in leaves the app, which is the service's, as it was")
    func handedIn() async throws {
        try await BackstackStage.with { stage in
            try await stage.signInKari()
            let app = stage.snapshot.objects["app"]
            let jwt = try #require(stage.jwt)
            stage.fake.script(.drop, on: "GET /app/session")
            _ = try await stage.keeper.update(HandedInSession(sessionToken: jwt), expect: nil)
            #expect(stage.snapshot.objects["app"] == app && stage.snapshot.objects["user"]?.isAvailable == false)
        }
    }
}

extension KeeperError {
    fileprivate static func rejected(_ status: Int) -> KeeperError {
        .upstreamRejected(reason: "bad_request", status: status)
    }
}

extension ObjectInfo {
    fileprivate var isAvailable: Bool {
        if case .available = self { true } else { false }
    }
}
