import FakeServices
import SessionCore
import SessionProtocol
import SessionTesting
import Testing

@Suite("Signing out of Agnost", .timeLimit(.minutes(1)))
struct AgnostRevocationTests {
    /// An answer to auth/signout, and what `session.revoke` without force says.
    struct Case: Sendable, CustomTestStringConvertible {
        var effect: FakeEffect
        /// nil: confirmed.
        var error: KeeperError?
        var testDescription: String { "\(effect)" }

        static func unavailable(_ effect: FakeEffect) -> Case {
            Case(effect: effect, error: .upstreamUnavailable(nextAttemptAt: nil))
        }
    }

    static let answers: [Case] = [
        // 200 with an empty body is the real answer; a body is not asked for.
        Case(effect: .none), Case(effect: .json([:], status: 200)),
        Case(effect: .error("invalid_session_token", status: 401)),
        Case(effect: .error("missing_session_token", status: 401)),
        .unavailable(.drop), .unavailable(.html(status: 200)), .unavailable(.html(status: 401)),
        .unavailable(.html(status: 502)), .unavailable(.error("internal_server_error")),
        .unavailable(.error("rate_limit_exceeded")), .unavailable(.error("api_server_not_ready")),
        .unavailable(.redirect(to: "https://portal.example.test/")),
        Case(effect: .error("invalid_api_key"), error: .misconfigured(reason: "invalid_api_key")),
        Case(
            effect: .error("missing_auth_user_data_model"),
            error: .misconfigured(reason: "missing_auth_user_data_model")),
        // About the session that was to be ended, and not a word that it has ended.
        Case(
            effect: .error("invalid_session_token", status: 403),
            error: .upstreamRejected(reason: "invalid_session_token", status: 403)),
        Case(effect: .error("not_allowed"), error: .upstreamRejected(reason: "not_allowed", status: 401)),
    ]

    @Test("confirmed by success and by being gone already; anything else keeps the session", arguments: answers)
    func current(answer: Case) async throws {
        try await AgnostStage.with { stage in
            try await stage.signInMia()
            let token = stage.token
            stage.fake.always(answer.effect, on: "auth/signout")
            let error = await failure { try await stage.revoke(.current) }
            let call = try #require(stage.fake.calls(on: "auth/signout").first)
            #expect(call.headers["session"] == token && call.body == [:])
            switch (answer.error, error) {
            case (.upstreamUnavailable, .upstreamUnavailable): break
            case (let expected, let error): #expect(error == expected)
            }
            if answer.error == nil {
                #expect(stage.snapshot.phase == .signedOut && stage.snapshot.cause.kind == .revoked)
                #expect(
                    stage.snapshot.objects == ["session": .unavailable(.signedOut), "user": .unavailable(.signedOut)])
                #expect(stage.vault.record(of: "p")?.session == nil)
            } else {
                #expect(stage.snapshot.phase == .active && stage.token == token)
                #expect(stage.vault.record(of: "p")?.session != nil)
            }
        }
    }

    @Test("signed out, revoking succeeds and asks nobody")
    func signedOut() async throws {
        try await AgnostStage.with { stage in
            try await stage.signInMia()
            _ = try await stage.revoke(.current)
            stage.fake.forgetCalls()
            for target in [RevocationTarget.current, .all] {
                let result = try await stage.revoke(target)
                #expect(result.isConfirmed && stage.fake.calls().isEmpty)
            }
        }
    }

    @Test(
        "with force the session ends here, and the revocation is made up for after a restart by the token alone",
        arguments: [RevocationTarget.current, .all])
    func forced(target: RevocationTarget) async throws {
        try await AgnostStage.with { stage in
            let id = try await stage.signInMia()
            stage.fake.openSession(of: id)
            stage.fake.always(.drop)
            let result = try await stage.revoke(target, force: true)
            #expect(!result.isConfirmed && result.isPending)
            #expect(stage.snapshot.phase == .signedOut && stage.fake.tokens().count == 2)
            #expect(stage.vault.record(of: "p")?.revocations.first?.session.objects == [:])
            stage.fake.unscript()
            try await stage.restarted { stage in
                await stage.profile.until { _ in stage.vault.record(of: "p")?.revocations.isEmpty != false }
                #expect(stage.fake.tokens().count == (target == .all ? 0 : 1))
                #expect(stage.snapshot.phase == .signedOut)
            }
        }
    }

    @Test("all sessions go one by one where Agnost's own call fails, the own one last", arguments: [true, false])
    func all(isBroken: Bool) async throws {
        try await AgnostStage.with { stage in
            let id = try await stage.signInMia()
            stage.fake.choices.isSignOutAllBroken = isBroken
            let others = [stage.fake.openSession(of: id), stage.fake.openSession(of: id)]
            let stranger = stage.fake.openSession(of: stage.fake.addUser(email: "kari@example.test"))
            let result = try await stage.revoke(.all)
            #expect(result.isConfirmed && stage.snapshot.cause.kind == .revoked)
            #expect(stage.fake.tokens() == [stranger])
            let signOut = "POST auth/signout"
            #expect(
                stage.asked
                    == (isBroken
                        ? ["POST auth/signout-all", "GET auth/sessions", signOut, signOut, signOut]
                        : ["POST auth/signout-all", signOut]))
            let targets = stage.fake.calls(on: "auth/signout").map { $0.body?["token"]?.stringValue }
            #expect(targets == (isBroken ? others.map { $0 } : []) + [nil])
            #expect(stage.log.lines.contains { $0.contains("one by one") && $0.contains("\"ended\": 2") } == isBroken)
        }
    }

    @Test("all others go, and the own session stays", arguments: [true, false])
    func others(isBroken: Bool) async throws {
        try await AgnostStage.with { stage in
            let id = try await stage.signInMia()
            stage.fake.choices.isSignOutAllBroken = isBroken
            for _ in 0..<3 { stage.fake.openSession(of: id) }
            let before = stage.snapshot
            #expect(try await stage.revoke(.others).isConfirmed)
            #expect(stage.snapshot == before && stage.fake.tokens() == Set([stage.token ?? ""]))
            #expect(stage.asked.first == "POST auth/signout-all-except")
        }
    }

    @Test("the own session goes even where the service's list has lost it", arguments: [true, false])
    func lostFromList(isBroken: Bool) async throws {
        try await AgnostStage.with { stage in
            let id = try await stage.signInMia()
            stage.fake.choices.isSignOutAllBroken = isBroken
            stage.fake.openSession(of: id)
            stage.fake.loseFromList(token: stage.token ?? "")
            #expect(try await stage.revoke(.all).isConfirmed)
            #expect(stage.fake.tokens().isEmpty && stage.snapshot.phase == .signedOut)
        }
    }

    /// What the first of two other sessions is answered, and what becomes of the others and of the call.
    static let stumbles: [(effect: FakeEffect, error: KeeperError?, left: Int)] = [
        // Does not verify: good for nothing any more.
        (.error("invalid_session_token", status: 404), nil, 1),
        // Refused for good: the rest goes, and the session that can try again is kept.
        (.error("invalid_session_token", status: 403), .upstreamUnavailable(nextAttemptAt: nil), 2),
        (.error("validation_error"), .upstreamUnavailable(nextAttemptAt: nil), 2),
        (.drop, .upstreamUnavailable(nextAttemptAt: nil), 3),
        // A proxy's trouble with one answer: the rest goes.
        (.html(status: 502), .upstreamUnavailable(nextAttemptAt: nil), 2),
        (.error("expired_api_key"), .misconfigured(reason: "expired_api_key"), 3),
        // About the own session, and a validation finds that it lives.
        (.error("invalid_session_token", status: 401), .upstreamUnavailable(nextAttemptAt: nil), 3),
    ]

    @Test("one session that cannot be ended leaves the own one", arguments: stumbles)
    func stumble(effect: FakeEffect, error: KeeperError?, left: Int) async throws {
        try await AgnostStage.with { stage in
            let id = try await stage.signInMia()
            stage.fake.openSession(of: id)
            stage.fake.openSession(of: id)
            // A call that met a closing connection is made once more.
            stage.fake.script(effect, on: "auth/signout")
            if case .drop = effect { stage.fake.always(effect, on: "auth/signout") }
            let found = await failure { try await stage.revoke(.all) }
            switch (found, error) {
            case (.upstreamUnavailable, .upstreamUnavailable): break
            case (let found, let error): #expect(found == error)
            }
            #expect(stage.fake.tokens().count == left)
            if error != nil {
                #expect(stage.snapshot.phase == .active && stage.fake.tokens().contains(stage.token ?? ""))
            }
            stage.fake.unscript()
            // What was held up is made up for.
            #expect(try await stage.revoke(.all).isConfirmed && stage.snapshot.phase == .signedOut)
        }
    }

    @Test("a session is ended by its id in the list, and being gone already is success")
    func byID() async throws {
        try await AgnostStage.with { stage in
            let id = try await stage.signInMia()
            let other = stage.fake.openSession(of: id)
            let listed = try #require(try await stage.keeper.listSessions().first { !$0.isCurrent })
            stage.fake.forgetCalls()
            #expect(try await stage.revoke(.session(id: listed.id)).isConfirmed)
            #expect(stage.fake.calls(on: "auth/signout").map(\.body) == [["token": .string(other)]])
            #expect(stage.fake.tokens() == Set([stage.token ?? ""]) && stage.snapshot.phase == .active)
            // It has left the list, which is all that is known of it.
            await expectFailure(.upstreamRejected(reason: "session_not_found", status: nil)) {
                try await stage.revoke(.session(id: listed.id))
            }
        }
    }

    @Test("the own session by its id is the own session", arguments: [true, false])
    func ownID(isHandedIn: Bool) async throws {
        try await AgnostStage.with { stage in
            let id = try await stage.signInMia()
            if isHandedIn {
                let token = try #require(Secret(stage.fake.openSession(of: id)))
                _ = try await stage.keeper.update(HandedInSession(sessionToken: token), expect: nil)
                await stage.profile.until { $0.snapshot.phase == .active }
            }
            let own = try #require(try await stage.keeper.listSessions().first { $0.isCurrent })
            #expect(try await stage.revoke(.session(id: own.id)).isConfirmed)
            #expect(stage.snapshot.phase == .signedOut && stage.snapshot.cause.kind == .revoked)
            #expect(stage.fake.tokens().count == (isHandedIn ? 1 : 0))
        }
    }

    @Test(
        "whatever Agnost says about another session, the own one stays",
        arguments: [
            (.error("invalid_session_token", status: 404), nil),
            (
                .error("invalid_session_token", status: 403),
                .upstreamRejected(reason: "invalid_session_token", status: 403)
            ),
        ] as [(FakeEffect, KeeperError?)])
    func otherTarget(effect: FakeEffect, error: KeeperError?) async throws {
        try await AgnostStage.with { stage in
            let id = try await stage.signInMia()
            stage.fake.openSession(of: id)
            let listed = try #require(try await stage.keeper.listSessions().first { !$0.isCurrent })
            let before = stage.snapshot
            stage.fake.always(effect, on: "auth/signout")
            let found = await failure { try await stage.revoke(.session(id: listed.id)) }
            #expect(found == error)
            #expect(stage.snapshot == before && stage.token != nil)
        }
    }

    @Test(
        "that the own session is gone is found out by whatever is asked in its name, and ends it here",
        arguments: [RevocationTarget.all, .others, .session(id: "0123456789abcdef")])
    func ownIsGone(target: RevocationTarget) async throws {
        try await AgnostStage.with { stage in
            try await stage.signInMia()
            stage.fake.revoke(token: stage.token ?? "")
            await expectFailure(.notSignedIn(.signedOut)) { try await stage.revoke(target) }
            #expect(stage.snapshot.phase == .signedOut && stage.snapshot.cause.kind == .endedElsewhere)
            #expect(stage.vault.record(of: "p")?.revocations.isEmpty == true)
        }
    }

    @Test("a session that is seconds old is asked about once more before it counts as gone", arguments: [true, false])
    func youngSession(force: Bool) async throws {
        try await AgnostStage.with { stage in
            stage.addMia()
            stage.fake.choices.checksUntilSeen = 1
            try await stage.signIn()
            async let revoked = stage.revoke(.current, force: force)
            _ = await stage.fake.calls(atLeast: 1, on: "auth/signout")
            await stage.clock.sleeperArrives(withinMs: 2000)
            stage.clock.advance(byMs: 2000)
            #expect(try await revoked.isConfirmed && stage.fake.tokens().isEmpty)
        }
    }

    @Test("a forced revocation of all whose own session has died meanwhile is settled, and its token forgotten")
    func forcedAllOfDeadSession() async throws {
        try await AgnostStage.with { stage in
            try await stage.signInMia()
            let token = stage.token ?? ""
            stage.fake.always(.drop)
            #expect(try await stage.revoke(.all, force: true).isPending)
            stage.fake.unscript()
            stage.fake.revoke(token: token)
            await stage.clock.sleeperArrives(withinMs: 8000)
            stage.clock.advance(byMs: 60_000)
            await stage.profile.until { _ in stage.vault.record(of: "p")?.revocations.isEmpty == true }
            let again = try await stage.revoke(.current)
            #expect(again.isConfirmed && !again.isPending)
        }
    }

    @Test("the own session is known by its id before Agnost has confirmed it")
    func ownIDUnconfirmed() async throws {
        try await AgnostStage.with { stage in
            let token = stage.fake.openSession(of: stage.addMia())
            stage.fake.choices.userModelProblem = "missing_auth_user_data_model"
            _ = try await stage.keeper.update(
                HandedInSession(sessionToken: try #require(Secret(token))), expect: nil)
            await stage.profile.until { $0.snapshot.heartbeat.lastError != nil }
            stage.clock.advance(byMs: 31_000)
            let own = try #require(try await stage.keeper.listSessions().first)
            stage.fake.choices.userModelProblem = nil
            let result = try await stage.revoke(.session(id: own.id))
            #expect(result.isConfirmed && stage.fake.tokens().isEmpty)
            #expect(result.publication.snapshot.phase == .signedOut)
        }
    }

    @Test("an id that nobody has is told, and so is a list that cannot be had")
    func unknownID() async throws {
        try await AgnostStage.with { stage in
            try await stage.signInMia()
            for id in ["0123456789abcdef", "", "../signout", String(repeating: "f", count: 4096)] {
                await expectFailure(.upstreamRejected(reason: "session_not_found", status: nil)) {
                    try await stage.revoke(.session(id: id))
                }
            }
            #expect(stage.fake.calls(on: "auth/signout").isEmpty)
            stage.fake.always(.error("invalid_api_key"), on: "auth/sessions")
            await expectFailure(.misconfigured(reason: "invalid_api_key")) {
                try await stage.revoke(.session(id: "0123456789abcdef"))
            }
            #expect(stage.snapshot.phase == .active)
        }
    }

    @Test(
        "invalidating tells Agnost nothing, and says where to sign in", arguments: ["https://example.test/login", nil])
    func invalidate(signInURL: String?) async throws {
        try await AgnostStage.with(.init(signInURL: signInURL)) { stage in
            try await stage.signInMia()
            let token = stage.token ?? ""
            let publication = try await stage.keeper.invalidate(expect: nil)
            #expect(publication.snapshot.phase == .signedOut && publication.snapshot.cause.kind == .invalidated)
            #expect(stage.keeper.signInURL == signInURL)
            #expect(stage.fake.calls().isEmpty && stage.fake.tokens() == [token])
            #expect(stage.vault.record(of: "p")?.session == nil)
        }
    }

    @Test("clearing what is stored leaves the session in memory, until the daemon stops")
    func clearLocal() async throws {
        try await AgnostStage.with { stage in
            try await stage.signInMia()
            _ = try await stage.keeper.clearLocal(expect: nil)
            #expect(stage.vault.record(of: "p")?.session == nil)
            #expect(await stage.validate().phase == .active)
            #expect(stage.token != nil && stage.vault.record(of: "p")?.session == nil)
            try await stage.restarted { stage in
                #expect(stage.snapshot.phase == .signedOut && stage.snapshot.cause.kind == .neverSignedIn)
            }
        }
    }
}
