import Crypto
import FakeServices
import SessionCore
import SessionProtocol
import SessionTesting
import Testing

@Suite("What Agnost's answers bring", .timeLimit(.minutes(1)))
struct AgnostObjectTests {
    private static func id(of token: String) -> String {
        SHA256.hash(data: Array(token.utf8)).prefix(8).map { byte in
            let hex = String(byte, radix: 16)
            return hex.count == 1 ? "0" + hex : hex
        }.joined()
    }

    @Test("ids are texts or numbers, `_id` or `id`", arguments: [FakeAgnostChoices.IDs.mongo, .numbers, .texts])
    func ids(style: FakeAgnostChoices.IDs) async throws {
        try await AgnostStage.with(prepare: { $0.choices.ids = style }) { stage in
            let id = try await stage.signInMia()
            let key: JSONValue = style == .numbers ? .integer(Int64(id) ?? 0) : .string(id)
            #expect(await stage.validate().phase == .active)
            #expect(stage.snapshot.objects["user"]?.value?[style == .mongo ? "_id" : "id"] == key)
            #expect(stage.snapshot.objects["session"]?.value?["userId"] == key)
            #expect(try await stage.keeper.listSessions().first?.value["userId"] == key)
        }
    }

    @Test(
        "a session may lack what it likes but its token, and have what it likes",
        arguments: [
            (.remove("session.creationDtm"), nil), (.set("session.creationDtm", 7), nil),
            (.remove("session.userAgent"), nil), (.set("session.userAgent", nil), ("userAgent", [:])),
            (.set("session.userAgent", []), ("userAgent", [:])), (.set("session.userAgent", "a text"), nil),
            (.set("session.userAgent.os", []), nil), (.remove("session.userId"), nil),
            (.set("session.userId", 7), ("userId", 7)),
            (.set("session.accessGroupKeys", ["a"]), ("accessGroupKeys", ["a"])),
            (.set("session.accessGroupKeys", []), ("accessGroupKeys", [])),
            (.set("session.a_member_of_next_year", ["x": [1]]), ("a_member_of_next_year", ["x": [1]])),
        ] as [(FakeEffect, (String, JSONValue)?)])
    func lenient(effect: FakeEffect, expected: (name: String, value: JSONValue)?) async throws {
        try await AgnostStage.with { stage in
            stage.addMia()
            stage.fake.script(effect, on: "auth/signin-email")
            try await stage.signIn()
            let session = try #require(stage.snapshot.objects["session"]?.value)
            if let expected { #expect(session[expected.name] == expected.value) }
            #expect(await stage.validate().phase == .active)
            #expect(stage.snapshot.objects["session"]?.value == session)
            for member in ["browser", "engine", "os", "device", "cpu"] {
                #expect(session["userAgent"]?[member] ?? [:] == [:], "maps are maps")
            }
        }
    }

    @Test(
        "a sign-in's user may be missing or empty: it comes with the next heartbeat",
        arguments: [
            (.remove("user"), .unavailable(.notProvided)), (.set("user", nil), .available([:], lastValidatedAt: 0)),
            (.set("user", []), .available([:], lastValidatedAt: 0)), (.set("user", 7), .unavailable(.notProvided)),
        ] as [(FakeEffect, ObjectInfo)])
    func missingUser(effect: FakeEffect, expected: ObjectInfo) async throws {
        try await AgnostStage.with { stage in
            stage.addMia()
            stage.fake.script(effect, on: "auth/signin-email")
            try await stage.signIn()
            let found = try #require(stage.snapshot.objects["user"])
            #expect(found.value == expected.value)
            #expect(await stage.validate().objects["user"]?.value?["name"] == "Mia")
        }
    }

    @Test(
        "sessions are listed with ids, times and a readable user agent, and without tokens",
        arguments: [FakeAgnostChoices.UserAgents.parsed, .altogic, .missing])
    func list(shape: FakeAgnostChoices.UserAgents) async throws {
        try await AgnostStage.with(prepare: { $0.choices.userAgents = shape }) { stage in
            let id = try await stage.signInMia()
            let other = stage.fake.openSession(of: id, userAgent: "elsewhere/1")
            let tokens = [try #require(stage.token), other]
            let sessions = try await stage.keeper.listSessions()
            #expect(sessions.map(\.id) == tokens.map(Self.id))
            #expect(sessions.map(\.isCurrent) == [true, false])
            #expect(sessions.map(\.createdAt) == [stage.clock.now().wall - 31_000, stage.clock.now().wall])
            #expect(sessions.last?.userAgent == (shape == .missing ? nil : "elsewhere/1"))
            #expect(sessions.allSatisfy { $0.value["token"] == nil && $0.value["userId"] == .string(id) })
            #expect(stage.asked == ["GET auth/sessions"])
        }
    }

    @Test("a list's oddities cost only what is odd")
    func oddList() async throws {
        try await AgnostStage.with { stage in
            try await stage.signInMia()
            let own: JSONValue = ["token": .string(stage.token ?? "")]
            stage.fake.script(
                .json([own, ["userId": "x"], 7, nil, ["token": ""], ["token": "t", "userAgent": [:]]], status: 200),
                on: "auth/sessions")
            let sessions = try await stage.keeper.listSessions()
            #expect(sessions.map(\.isCurrent) == [true, false])
            #expect(sessions.map(\.createdAt) == [nil, nil] && sessions.map(\.userAgent) == [nil, nil])
            #expect(sessions.map(\.value) == [[:], ["userAgent": [:]]])
        }
    }

    @Test(
        "a list that cannot be had is told",
        arguments: [
            (.error("invalid_api_key"), .misconfigured(reason: "invalid_api_key")),
            (.error("not_allowed"), .upstreamRejected(reason: "not_allowed", status: 401)),
            (.drop, .upstreamUnavailable(nextAttemptAt: nil)),
            (.json([:], status: 200), .upstreamUnavailable(nextAttemptAt: nil)),
            (.error("rate_limit_exceeded"), .upstreamUnavailable(nextAttemptAt: nil)),
            // That a session is gone is for a heartbeat to say, and this one says that it is not.
            (.error("invalid_session_token"), .upstreamUnavailable(nextAttemptAt: nil)),
        ] as [(FakeEffect, KeeperError)])
    func noList(effect: FakeEffect, expected: KeeperError) async throws {
        try await AgnostStage.with { stage in
            try await stage.signInMia()
            stage.fake.always(effect, on: "auth/sessions")
            switch (await failure { try await stage.keeper.listSessions() }, expected) {
            case (.upstreamUnavailable, .upstreamUnavailable): break
            case (let error, let expected): #expect(error == expected)
            }
            #expect(stage.snapshot.phase == .active && stage.token != nil)
        }
    }

    @Test("user.fetch reads the user now, and keeps it")
    func fetchUser() async throws {
        try await AgnostStage.with { stage in
            let id = try await stage.signInMia()
            stage.fake.set("team", to: "red", of: id)
            let user = try await stage.keeper.fetchUser()
            #expect(user.value?["team"] == "red" && user == stage.snapshot.objects["user"])
            #expect(user.validatedAt == stage.clock.now().wall)
        }
    }

    @Test("user.update holds until Agnost's next answer brings a user")
    func updateUser() async throws {
        try await AgnostStage.with { stage in
            try await stage.signInMia()
            _ = try await stage.keeper.updateUser(["name": "M."], expect: nil)
            #expect(stage.snapshot.objects["user"]?.value == ["name": "M."] && stage.fake.calls().isEmpty)
            #expect(await stage.validate().objects["user"]?.value?["name"] == "Mia")
        }
    }

    @Test(
        "a session that is handed in is unverified until Agnost has confirmed it, which brings what was missing",
        arguments: [nil, ["userId": "made up", "note": "mine"]] as [JSONValue?])
    func handedIn(object: JSONValue?) async throws {
        try await AgnostStage.with { stage in
            let id = stage.addMia()
            let token = stage.fake.openSession(of: id, userAgent: "web/1")
            stage.fake.script(.held, on: "auth/user")
            let publication = try await stage.keeper.update(
                HandedInSession(sessionToken: try #require(Secret(token)), session: object), expect: nil)
            #expect(publication.snapshot.phase == .unverified)
            #expect(publication.snapshot.objects["session"]?.value == object)
            #expect(publication.snapshot.objects["user"] == .unavailable(.notProvided))
            stage.server.release()
            await stage.profile.until { $0.snapshot.phase == .active }
            #expect(stage.snapshot.objects["user"]?.value?["_id"] == .string(id))
            // The service's word replaces the client's.
            #expect(stage.snapshot.objects["session"]?.value?["userAgent"]?["ua"] == "web/1")
            #expect(stage.snapshot.objects["session"]?.value?["note"] == nil && stage.snapshot.expiresAt == nil)
            stage.fake.forgetCalls()
            await stage.validate()
            #expect(stage.asked == ["GET auth/user"], "once is enough")
        }
    }

    @Test(
        "the question for a handed-in session's object decides nothing",
        arguments: [
            .drop, .error("invalid_session_token"), .json([], status: 200), .html(status: 502),
            .error("invalid_api_key"),
        ] as [FakeEffect])
    func sideQuestion(effect: FakeEffect) async throws {
        try await AgnostStage.with { stage in
            let token = stage.fake.openSession(of: stage.addMia())
            stage.fake.always(effect, on: "auth/sessions")
            _ = try await stage.keeper.update(
                HandedInSession(sessionToken: try #require(Secret(token)), session: ["note": "mine"]), expect: nil)
            await stage.profile.until { $0.snapshot.phase == .active }
            #expect(stage.snapshot.objects["session"]?.value == ["note": "mine"])
        }
    }

    @Test("a handed-in token that Agnost does not know ends after the second question, and nothing is left of it")
    func unknownToken() async throws {
        try await AgnostStage.with { stage in
            _ = try await stage.keeper.update(
                HandedInSession(sessionToken: try #require(Secret("no.such.token")), user: ["name": "M."]), expect: nil)
            _ = await stage.fake.calls(atLeast: 1, on: "auth/user")
            await stage.clock.sleeperArrives(withinMs: 2000)
            stage.clock.advance(byMs: 2000)
            await stage.profile.until { $0.snapshot.phase == .signedOut }
            #expect(stage.snapshot.cause.kind == .endedElsewhere && stage.asked.count == 2)
        }
    }

    @Test("session.headers are what the official client sends")
    func headers() async throws {
        try await AgnostStage.with { stage in
            try await stage.signInMia()
            let headers = try #require(stage.keeper.headers(of: stage.keeper.publication))
            #expect(
                headers.mapValues { $0.reveal() } == [
                    "Authorization": stage.fake.apiKey, "X-Client": "agnost-js", "Session": stage.token,
                ])
        }
    }
}
