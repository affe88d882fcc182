import FakeServices
import SessionCore
import SessionProtocol
import SessionProviders
import SessionTesting
import Testing

@Suite("What an odd or hostile service can do", .timeLimit(.minutes(1)))
struct AgnostOddServerTests {
    @Test(
        "a token that no header can carry makes no session, and the one that is held stays",
        arguments: [
            "a\r\nX-Evil: 1", "a\u{0}b", "a b", "\ttoken", "tök€n", "", String(repeating: "x", count: 9000),
        ])
    func unsendableToken(token: String) async throws {
        try await AgnostStage.with { stage in
            try await stage.signInMia()
            let held = stage.token
            stage.fake.script(.set("session.token", .string(token)), on: "auth/signin-email")
            guard case .upstreamUnavailable = await failure(of: { try await stage.signIn() }) else {
                Issue.record("it was taken")
                return
            }
            #expect(stage.token == held)
            #expect(await stage.validate().phase == .active)
        }
    }

    @Test("a token that is handed in and that no header can carry is in no header, and is not asked about")
    func unsendableHandedIn() async throws {
        try await AgnostStage.with { stage in
            _ = try await stage.keeper.update(
                HandedInSession(sessionToken: try #require(Secret("a\r\nX-Evil: 1"))), expect: nil)
            await stage.profile.until { $0.snapshot.heartbeat.lastError != nil }
            #expect(stage.snapshot.heartbeat.lastError?.kind == "misconfigured" && stage.fake.calls().isEmpty)
            let headers = try #require(stage.keeper.headers(of: stage.keeper.publication))
            #expect(headers.keys.sorted() == ["Authorization", "X-Client"])
        }
    }

    @Test("a user that is nested deeply survives a restart; one that is deeper than any answer is none")
    func deepUser() async throws {
        try await AgnostStage.with { stage in
            try await stage.signInMia()
            func nest(_ depth: Int) {
                let deep = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
                stage.fake.always(
                    .text(#"{"_id":"x","deep":\#(deep)}"#, type: "application/json", status: 200), on: "auth/user")
            }
            nest(120)
            #expect(await stage.validate().phase == .active)
            let user = try #require(stage.snapshot.objects["user"]?.value)
            #expect(user["deep"]?.arrayValue?.count == 1)
            nest(100_000)
            #expect(await stage.validate().phase == .stale)
            try await stage.restarted { stage in
                #expect(stage.snapshot.objects["user"]?.value == user)
            }
        }
    }

    @Test(
        "what only a client has said of its session is not said to be confirmed, and is asked about until Agnost has",
        arguments: [.drop, .json([], status: 200), .html(status: 502)] as [FakeEffect])
    func clientsWord(effect: FakeEffect) async throws {
        try await AgnostStage.with { stage in
            let token = stage.fake.openSession(of: stage.addMia(), userAgent: "web/1")
            stage.fake.always(effect, on: "auth/sessions")
            _ = try await stage.keeper.update(
                HandedInSession(sessionToken: try #require(Secret(token)), session: ["note": "mine"]), expect: nil)
            await stage.profile.until { $0.snapshot.phase == .active }
            #expect(stage.snapshot.objects["session"] == .available(["note": "mine"], lastValidatedAt: nil))
            stage.fake.unscript()
            #expect(await stage.validate().objects["session"]?.value?["userAgent"]?["ua"] == "web/1")
            #expect(stage.snapshot.objects["session"]?.validatedAt == stage.clock.now().wall)
            stage.fake.forgetCalls()
            await stage.validate()
            #expect(stage.asked == ["GET auth/user"])
        }
    }

    @Test("the same where the user's row is gone and the list has lost the session")
    func clientsWordWithoutUser() async throws {
        try await AgnostStage.with { stage in
            let id = stage.addMia()
            let token = stage.fake.openSession(of: id)
            stage.fake.deleteUser(id)
            stage.fake.loseFromList(token: token)
            _ = try await stage.keeper.update(
                HandedInSession(sessionToken: try #require(Secret(token)), session: ["note": "mine"]), expect: nil)
            await stage.profile.until { $0.snapshot.phase == .active }
            #expect(stage.snapshot.objects["session"] == .available(["note": "mine"], lastValidatedAt: nil))
        }
    }

    @Test("what an administrator must mend is told though the second question hangs")
    func misconfiguredAndHung() async throws {
        try await AgnostStage.with { stage in
            try await stage.signInMia()
            stage.fake.always(.error("missing_auth_user_data_model"), on: "auth/user")
            let (provider, upstream, session) = stage.slowly()
            upstream.hang("auth/sessions")
            let outcome = await provider.validate(session)
            guard case .misconfigured("missing_auth_user_data_model") = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(upstream.uptimeMs < upstream.timeoutMs)
        }
    }

    @Test("a heartbeat that meets a sign-out on its way finds the session revoked, not ended elsewhere")
    func signOutAndHeartbeat() async throws {
        try await AgnostStage.with { stage in
            try await stage.signInMia()
            // Agnost has ended it, and its answer takes long.
            stage.fake.script(.held, on: "auth/signout")
            async let revoked = stage.revoke(.current)
            _ = await stage.fake.calls(atLeast: 1, on: "auth/signout")
            await stage.validate()
            #expect(stage.snapshot.phase == .signedOut && stage.snapshot.cause.kind == .revoked)
            stage.server.release()
            let result = try await revoked
            #expect(result.isConfirmed && !result.isPending)
            #expect(stage.snapshot.cause.kind == .revoked && stage.vault.record(of: "p")?.session == nil)
        }
    }
}
