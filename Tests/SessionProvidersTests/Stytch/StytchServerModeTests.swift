import FakeServices
import SessionCore
import SessionProtocol
import SessionProviders
import SessionTesting
import Synchronization
import Testing

@Suite("Stytch as the project's own server", .timeLimit(.minutes(1)))
struct StytchServerModeTests {
    private static func server(_ product: FakeStytch.Product) -> StytchStage.Setup {
        StytchStage.Setup(product: product, entrance: .server)
    }

    /// The project's secret as an administrator can take it away and change it.
    private final class Drawer: Sendable {
        private let content: Mutex<String?>
        init(_ secret: String?) { content = Mutex(secret) }
        func put(_ secret: String?) { content.withLock { $0 = secret } }
        var read: @Sendable () -> Secret? { { [self] in content.withLock { Secret($0) } } }
    }

    @Test(
        "the list has the person's sessions, with id, beginning and user agent, and marks the own one",
        arguments: [FakeStytch.Product.consumer, .b2b])
    func list(product: FakeStytch.Product) async throws {
        try await StytchStage.with(Self.server(product)) { stage in
            let own = try await stage.signInAda()
            let elsewhere = stage.fake.openSession(of: own.ownerID)
            let ended = stage.fake.openSession(of: own.ownerID)
            stage.fake.revoke(sessionID: ended.id)
            if product == .consumer {
                _ = stage.fake.openSession(of: stage.fake.addUser(email: "bo@example.org"))
            }
            let sessions = try await stage.keeper.listSessions()
            #expect(sessions.map(\.id) == [own.id, elsewhere.id].sorted())
            for session in sessions {
                let known = session.id == own.id ? own : elsewhere
                #expect(session.isCurrent == (known == own) && session.createdAt == known.startedAt)
                #expect(session.value == stage.fake.object(known.id))
                let text = String(decoding: session.value.encoded, as: UTF8.self)
                #expect(!text.contains(own.token) && !text.contains(elsewhere.token))
                switch product {
                case .b2b: #expect(session.userAgent == nil, "B2B sessions know none")
                case .consumer:
                    #expect(known == own ? session.userAgent != nil : session.userAgent == "elsewhere/1")
                }
            }
        }
    }

    @Test(
        "a list that cannot be had is an error, and the session is kept",
        arguments: [
            (FakeEffect.drop, nil), (.html(status: 502), nil), (.json(["sessions": "none"], status: 200), nil),
            (
                .error("invalid_user_id", status: 400),
                KeeperError.upstreamRejected(reason: "invalid_user_id", status: 400)
            ),
            (.error("invalid_secret_authentication"), .misconfigured(reason: "invalid_secret_authentication")),
        ])
    func listFails(effect: FakeEffect, expected: KeeperError?) async throws {
        try await StytchStage.with(Self.server(.consumer)) { stage in
            try await stage.signInAda()
            stage.fake.always(effect, on: "/v1/sessions")
            let error = await failure { try await stage.keeper.listSessions() }
            if let expected {
                #expect(error == expected)
            } else if case .upstreamUnavailable? = error {
            } else {
                Issue.record("\(String(describing: error))")
            }
            #expect(stage.snapshot.phase == .active && stage.token != nil)
        }
    }

    @Test(
        "others, one by its id, and all of a person's sessions can be ended",
        arguments: [FakeStytch.Product.consumer, .b2b])
    func revoke(product: FakeStytch.Product) async throws {
        try await StytchStage.with(Self.server(product)) { stage in
            let own = try await stage.signInAda()
            let others = (0..<3).map { _ in stage.fake.openSession(of: own.ownerID) }
            try await stage.revoke(.session(id: others[0].id))
            #expect(Set(stage.fake.sessions.map(\.id)) == Set([own.id, others[1].id, others[2].id]))
            let unknown = await failure { try await stage.revoke(.session(id: others[0].id)) }
            #expect(unknown == .upstreamRejected(reason: "session_not_found", status: 404))
            try await stage.revoke(.others)
            #expect(stage.fake.sessions.map(\.id) == [own.id] && stage.snapshot.phase == .active)
            try await stage.revoke(.others)
            #expect(stage.snapshot.phase == .active, "nobody else is left to end, and that is no error")
            _ = stage.fake.openSession(of: own.ownerID)
            stage.fake.forgetCalls()
            try await stage.revoke(.all)
            #expect(stage.fake.sessions.isEmpty && stage.snapshot.cause.kind == .revoked)
            let last = try #require(stage.fake.calls(on: "sessions/revoke").last)
            if product == .consumer {
                #expect(last.body == ["session_token": .string(own.token)], "the own one last")
            } else {
                #expect(last.body == ["member_id": .string(own.ownerID)], "all with one call")
                #expect(stage.fake.calls().count == 1)
            }
        }
    }

    @Test("the own session by its id is the current one, in either entrance", arguments: StytchStage.Entrance.allCases)
    func revokeOwnByID(entrance: StytchStage.Entrance) async throws {
        try await StytchStage.with(.init(entrance: entrance)) { stage in
            let own = try await stage.signInAda()
            try await stage.revoke(.session(id: own.id))
            #expect(stage.snapshot.cause.kind == .revoked && stage.fake.sessions.isEmpty)
        }
    }

    @Test(
        "where one of several cannot be ended the own session is kept, and can try again",
        arguments: [
            FakeEffect.error("a_type_of_next_month", status: 402), .drop, .html(status: 503),
            .tooManyRequests(retryAfter: nil),
        ])
    func revokeAllFails(effect: FakeEffect) async throws {
        try await StytchStage.with(Self.server(.consumer)) { stage in
            let own = try await stage.signInAda()
            for _ in 0..<2 { _ = stage.fake.openSession(of: own.ownerID) }
            stage.fake.always(effect, on: "sessions/revoke")
            let error = await failure { try await stage.revoke(.all) }
            guard case .upstreamUnavailable? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(stage.snapshot.phase == .active && stage.token == own.token)
            #expect(stage.fake.sessions.contains { $0.id == own.id })
            stage.fake.unscript()
            try await stage.revoke(.all)
            #expect(stage.fake.sessions.isEmpty && stage.snapshot.phase == .signedOut)
        }
    }

    @Test("a session that ends by itself meanwhile is as good as ended")
    func endedMeanwhile() async throws {
        try await StytchStage.with(Self.server(.consumer)) { stage in
            let own = try await stage.signInAda()
            for _ in 0..<2 { _ = stage.fake.openSession(of: own.ownerID) }
            stage.fake.script(.error("session_not_found"), on: "sessions/revoke")
            try await stage.revoke(.all)
            #expect(stage.snapshot.phase == .signedOut && !stage.fake.sessions.contains { $0.id == own.id })
        }
    }

    @Test(
        "without the secret nothing is asked and everything says why; the session is kept, and goes on with it",
        arguments: [FakeStytch.Product.consumer, .b2b])
    func noSecret(product: FakeStytch.Product) async throws {
        let drawer = Drawer("secret-test-fake")
        var setup = Self.server(product)
        setup.readsSecret = drawer.read
        try await StytchStage.with(setup) { stage in
            let own = try await stage.signInAda()
            drawer.put(nil)
            let expected = KeeperError.misconfigured(reason: "secret_unavailable")
            #expect(
                await failure { try await stage.keeper.authenticate(durationMinutes: nil, expect: nil) } == expected)
            #expect(await failure { try await stage.keeper.authenticate(durationMinutes: 60, expect: nil) } == expected)
            #expect(await failure { try await stage.keeper.listSessions() } == expected)
            for target in [RevocationTarget.current, .others, .all, .session(id: "other")] {
                #expect(await failure { try await stage.revoke(target) } == expected, "\(target)")
            }
            #expect(await failure { try await stage.signInAda() } == expected)
            #expect(stage.fake.calls().isEmpty)
            #expect(stage.snapshot.phase == .stale && stage.snapshot.heartbeat.lastError?.kind == "misconfigured")
            #expect(stage.token == own.token)
            drawer.put("secret-test-fake")
            #expect(await stage.validate().phase == .active)
        }
    }

    @Test(
        "a wrong secret is a setting to mend, not the end of a session",
        arguments: ["unauthorized_credentials", "invalid_secret_authentication"],
        [FakeStytch.Product.consumer, .b2b])
    func wrongSecret(type: String, product: FakeStytch.Product) async throws {
        let drawer = Drawer("secret-test-fake")
        var setup = Self.server(product)
        setup.readsSecret = drawer.read
        try await StytchStage.with(setup) { stage in
            let own = try await stage.signInAda()
            stage.fake.choices.whenWrongSecret = type
            drawer.put("secret-test-of-another-project")
            let error = await failure { try await stage.keeper.authenticate(durationMinutes: nil, expect: nil) }
            #expect(error == .misconfigured(reason: type))
            #expect(stage.snapshot.phase == .stale && stage.snapshot.cause.kind == .misconfigured)
            #expect(await failure { try await stage.revoke(.current) } == .misconfigured(reason: type))
            #expect(await failure { try await stage.keeper.listSessions() } == .misconfigured(reason: type))
            #expect(stage.token == own.token && stage.fake.sessions.map(\.id) == [own.id])
            drawer.put("secret-test-fake")
            #expect(await stage.validate().phase == .active)
        }
    }

    @Test(
        "its own error types say that a session is gone, and the app's do not",
        arguments: [
            ("session_not_found", true), ("invalid_session_token", true), ("unable_to_parse_session_jwt", true),
            ("unauthorized_credentials", false), ("user_unauthenticated", false),
            ("invalid_secret_authentication", false), ("invalid_project_id_authentication", false),
        ],
        [FakeStytch.Product.consumer, .b2b])
    func gone(error: (type: String, isGone: Bool), product: FakeStytch.Product) async throws {
        try await StytchStage.with(Self.server(product)) { stage in
            try await stage.signInAda()
            stage.fake.script(.error(error.type), on: "sessions/authenticate")
            let snapshot = await stage.validate()
            #expect(snapshot.phase == (error.isGone ? .signedOut : .stale))
            if error.isGone { #expect(snapshot.cause.kind == .endedElsewhere) }
        }
    }

    @Test("headers would hand out the project's secret and are refused; an app's hold the session token")
    func headers() async throws {
        for entrance in StytchStage.Entrance.allCases {
            try await StytchStage.with(.init(entrance: entrance)) { stage in
                try await stage.signInAda()
                let headers = stage.keeper.headers(of: stage.keeper.publication)
                #expect((headers == nil) == (entrance == .server))
                #expect(stage.provider.traits.operations.contains(.headers) == (entrance == .sdk))
            }
        }
    }

    @Test(
        "an app can see and end no session but its own",
        arguments: [FakeStytch.Product.consumer, .b2b])
    func app(product: FakeStytch.Product) async throws {
        try await StytchStage.with(.init(product: product)) { stage in
            try await stage.signInAda()
            #expect(
                await failure { try await stage.keeper.listSessions() } == .notSupported(method: "session.list"))
            var targets = [RevocationTarget.others, .session(id: "session-test-other")]
            if product == .consumer { targets.append(.all) }
            for target in targets {
                #expect(
                    await failure { try await stage.revoke(target) } == .notSupported(method: "session.revoke"),
                    "\(target)")
            }
            #expect(stage.fake.calls().isEmpty && stage.snapshot.phase == .active)
        }
    }

    @Test("the call is the server's: secret, path, no envelope, the session in the body, no app's headers")
    func call() async throws {
        try await StytchStage.with(Self.server(.b2b)) { stage in
            let own = try await stage.signInAda()
            await stage.validate()
            let call = try #require(stage.fake.calls(on: "sessions/authenticate").first)
            #expect(call.path == "/v1/b2b/sessions/authenticate")
            #expect(call.user == stage.fake.projectID && call.password == stage.fake.secret)
            #expect(call.body == ["session_token": .string(own.token)])
            #expect(call.headers["content-type"] == "application/json" && call.headers["x-sdk-client"] == nil)
        }
    }
}
