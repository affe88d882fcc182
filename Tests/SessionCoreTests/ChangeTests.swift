import SessionCore
import SessionProtocol
import SessionTesting
import Testing

@Suite("Changes", .timeLimit(.minutes(1)))
struct ChangeTests {
    @Test("an extension moves the end, is announced once, and a heartbeat that was under way does not undo it")
    func extend() async throws {
        let harness = await KeeperHarness.started()
        let signedIn = try await harness.signIn()
        harness.clock.advance(byMs: 180_000)
        let heartbeat = await harness.provider.nextCall()
        async let extended = harness.keeper.authenticate(durationMinutes: 120, expect: nil)
        let end = harness.clock.now().wall + 7_200_000
        await harness.provider.nextCall().answer(.confirmed(.of("t1", expiresAt: end)))
        let after = try await extended.snapshot
        #expect(after.expiresAt == end && after.cause.kind == .extended && after.revision == signedIn.revision + 1)
        heartbeat.answer(.confirmed(.of("t1", expiresAt: signedIn.expiresAt)))
        #expect(await harness.keeper.settle().snapshot.expiresAt == end)
    }

    @Test("a change tells its own topics and no others")
    func topics() async throws {
        let harness = await KeeperHarness.started()
        let signedIn = try await harness.signIn()
        func told(after old: Publication) -> Set<String> {
            let new = harness.keeper.publication
            return Set(new.topicSequences.filter { $0.value > old.topicSequences[$0.key, default: 0] }.keys)
        }
        var before = harness.keeper.publication
        _ = try await harness.keeper.updateUser(["name": "eve"], expect: nil)
        #expect(told(after: before) == ["user"])
        before = harness.keeper.publication
        let cleared = try await harness.keeper.clearLocal(expect: nil)
        #expect(told(after: before) == [])
        #expect(cleared.snapshot.revision == signedIn.revision + 2 && cleared.changeSequence > before.changeSequence)
        before = harness.keeper.publication
        _ = try await harness.keeper.invalidate(expect: nil)
        #expect(told(after: before).isSuperset(of: ["phase", "session", "user"]))
    }

    @Test("expect is compared when the change's turn comes")
    func expectation() async throws {
        let harness = await KeeperHarness.started()
        let signedIn = try await harness.signIn()
        await #expect(throws: KeeperError.conflict(revision: signedIn.revision)) {
            try await harness.keeper.invalidate(
                expect: Expectation(instance: nil, revision: signedIn.revision - 1))
        }
        await #expect(throws: KeeperError.conflict(revision: signedIn.revision)) {
            try await harness.keeper.invalidate(
                expect: Expectation(instance: "other", revision: signedIn.revision))
        }
        let done = try await harness.keeper.invalidate(
            expect: Expectation(instance: "i1", revision: signedIn.revision))
        #expect(done.snapshot.phase == .signedOut)
    }

    @Test("a challenge waits over wrong answers and restarts, and ends at its end")
    func challenge() async throws {
        let harness = await KeeperHarness.started()
        let end = harness.clock.now().wall + 60_000
        async let begun = harness.keeper.signIn(
            method: "otp", fields: SignInFields(["email": "a@b"]), durationMinutes: nil, expect: nil)
        await harness.provider.nextCall().answer(
            .challenge(
                PendingChallenge(
                    challenge: Challenge(id: "c1", kind: "otp", expiresAt: end, details: ["sentTo": "a…@b"]),
                    continuation: ["methodID": Secret("m1")].compactMapValues { $0 })))
        let challenged = try await begun
        #expect(challenged.outcome == .challenge)
        #expect(challenged.publication.snapshot.phase == .challenged)
        #expect(challenged.publication.snapshot.cause.kind == .challenged)

        let wrong = Task {
            try await harness.keeper.answer(
                challenge: "c1", fields: SignInFields(["code": "0"]), durationMinutes: nil, expect: nil)
        }
        await harness.provider.nextCall().answer(.rejected(reason: "wrong_code", status: 401))
        await #expect(throws: KeeperError.upstreamRejected(reason: "wrong_code", status: 401)) { try await wrong.value }
        await #expect(throws: KeeperError.challengeNotFound) {
            try await harness.keeper.answer(
                challenge: "c2", fields: SignInFields([:]), durationMinutes: nil, expect: nil)
        }
        let again = await KeeperHarness.started(clock: harness.clock, vault: harness.vault, instance: "i2")
        #expect(again.snapshot.challenge == challenged.publication.snapshot.challenge)
        async let right = again.keeper.answer(
            challenge: "c1", fields: SignInFields(["code": "1"]), durationMinutes: nil, expect: nil)
        let call = await again.provider.nextCall()
        guard case .change(.answer(let pending, _, _)) = call.question else {
            Issue.record("asked \(call.question)")
            return
        }
        #expect(pending.continuation["methodID"] == Secret("m1"))
        call.answer(.rejected(reason: "wrong_code", status: 401))
        _ = try? await right
        again.clock.advance(byMs: 60_000)
        let over = await again.keeper.settle().snapshot
        #expect(over.phase == .signedOut && over.cause.kind == .neverSignedIn && over.challenge == nil)
    }

    @Test("tokens handed in are held unverified and confirmed at once")
    func handedIn() async throws {
        let harness = await KeeperHarness.started()
        let token = try #require(Secret("t9"))
        let updated = try await harness.keeper.update(
            HandedInSession(sessionToken: token, user: ["name": "ada"]), expect: nil
        ).snapshot
        #expect(updated.phase == .unverified && updated.cause.kind == .updated)
        #expect(updated.objects["user"] == .available(["name": "ada"], lastValidatedAt: nil))
        #expect(updated.objects["session"] == .unavailable(.notProvided))
        await harness.provider.nextCall().answer(.confirmed(.of("t9", expiresAt: nil)))
        await harness.until { $0.snapshot.phase == .active }
    }

    @Test("the token inside a session that is handed in is not part of what readers see")
    func handedInSecrets() async throws {
        let harness = await KeeperHarness.started()
        let token = try #require(Secret("t9-secret"))
        let session: JSONValue = [
            "id": "s1", "token": "t9-secret", "nested": ["session_jwt": "t9-secret", "kept": [["jwt": "t9-secret"]]],
        ]
        let updated = try await harness.keeper.update(
            HandedInSession(
                sessionToken: token, session: session, user: ["password_hash": "t9-secret", "password": nil]),
            expect: nil)
        #expect(!String(decoding: updated.encoded, as: UTF8.self).contains("t9-secret"))
        #expect(
            updated.snapshot.objects["session"]
                == .available(["id": "s1", "nested": ["kept": [[:]]]], lastValidatedAt: nil))
        #expect(updated.snapshot.objects["user"] == .available(["password": nil], lastValidatedAt: nil))
    }

    @Test("a locked screen grants nothing, whatever the provider sends with it; tokens are still served")
    func locked() async throws {
        var traits = ProviderTraits.scripted
        traits.objects.append("access")
        let harness = await KeeperHarness.started(provider: ScriptedProvider(traits: traits))
        try await harness.signIn(expiresInMs: nil)
        async let locking = harness.keeper.lock(expect: nil)
        var confirmation = Confirmation.of("t1", expiresAt: nil)
        confirmation.objects["access"] = ["reports": "crud"]
        confirmation.isLocked = true
        await harness.provider.nextCall().answer(.confirmed(confirmation))
        let locked = try await locking
        #expect(locked.snapshot.phase == .locked && locked.snapshot.cause.kind == .locked)
        #expect(locked.snapshot.objects["access"] == .unavailable(.locked))
        #expect(locked.session?.tokens.sessionToken == Secret("t1"))
        async let unlocking = harness.keeper.unlock(password: try #require(Secret("pw")), expect: nil)
        confirmation.isLocked = false
        await harness.provider.nextCall().answer(.confirmed(confirmation))
        let unlocked = try await unlocking.snapshot
        #expect(unlocked.phase == .active && unlocked.cause.kind == .unlocked)
        #expect(unlocked.objects["access"] != .unavailable(.locked))
    }

    @Test("tokens handed in while a validation hangs are validated when it is given up")
    func handedInDuringFlight() async throws {
        let harness = await KeeperHarness.started()
        try await harness.signIn(token: "t1", expiresInMs: nil)
        harness.clock.advance(byMs: 180_000)
        let old = await harness.provider.nextCall()
        let token = try #require(Secret("t9"))
        _ = try await harness.keeper.update(HandedInSession(sessionToken: token), expect: nil)
        old.answer(.confirmed(.of("t1", expiresAt: nil)))
        let new = await harness.provider.nextCall()
        #expect(new.session?.tokens.sessionToken == token)
        new.answer(.confirmed(.of("t9", expiresAt: nil)))
        await harness.until { $0.snapshot.phase == .active }
        #expect(harness.keeper.publication.session?.tokens.sessionToken == token)
    }

    @Test("a token with too little left is renewed once for all who wait; with enough it is answered at once")
    func tokenRenewal() async throws {
        let harness = await KeeperHarness.started()
        let start = harness.clock.now().wall
        async let signedIn = harness.keeper.signIn(
            method: "password", fields: SignInFields([:]), durationMinutes: nil, expect: nil)
        await harness.provider.nextCall().answer(
            .confirmed(.of("t1", expiresAt: nil, jwtExpiresAt: start + 300_000)))
        _ = try await signedIn
        harness.clock.advance(byMs: 100_000)
        let asked = harness.provider.askedCount
        _ = try await harness.keeper.tokens(minValidMs: 200_000)
        #expect(harness.provider.askedCount == asked)
        async let first = harness.keeper.tokens(minValidMs: 200_001)
        let call = await harness.provider.nextCall()
        async let second = harness.keeper.tokens(minValidMs: 290_000)
        call.answer(.confirmed(.of("t1", expiresAt: nil, jwtExpiresAt: start + 400_000)))
        #expect(try await first.session?.tokens.jwtExpiresAt == start + 400_000)
        #expect(try await second.session?.tokens.jwtExpiresAt == start + 400_000)
        #expect(harness.provider.askedCount == asked + 1)
    }

    @Test("an administrator's hint is followed at once, and asked again when it came during a validation")
    func hints() async throws {
        let harness = await KeeperHarness.started()
        try await harness.signIn(expiresInMs: nil)
        harness.provider.hint.yield(ProviderHint(sessionIDs: ["somebody else's"]))
        harness.provider.hint.yield(ProviderHint(sessionIDs: ["id-t1"]))
        let first = await harness.provider.nextCall()
        harness.provider.hint.yield(ProviderHint(sessionIDs: ["id-t1"]))
        // The keeper takes hints in order: once this question is answered, the hint before it has been taken.
        _ = await harness.keeper.settle()
        first.answer(.confirmed(.of("t1", expiresAt: nil)))
        let second = await harness.provider.nextCall()
        second.answer(.confirmed(.of("t1", expiresAt: nil, user: "grace")))
        await harness.until {
            $0.snapshot.objects["user"] == .available(["name": "grace"], lastValidatedAt: harness.clock.now().wall)
        }
    }

    @Test("while draining, what has started ends and what is new is refused")
    func drain() async throws {
        let harness = await KeeperHarness.started()
        async let started = harness.keeper.signIn(
            method: "password", fields: SignInFields([:]), durationMinutes: nil, expect: nil)
        let call = await harness.provider.nextCall()
        async let drained: Void = harness.keeper.shutDown()
        call.answer(.confirmed(.of("t1", expiresAt: nil)))
        #expect(try await started.outcome == .signedIn)
        await drained
        await #expect(throws: KeeperError.shuttingDown) { try await harness.keeper.invalidate(expect: nil) }
        #expect(harness.vault.record(of: "p")?.session != nil)
    }

    @Test("user.update holds until the provider brings a user, and an answer under way does not undo it")
    func userUpdate() async throws {
        let harness = await KeeperHarness.started()
        try await harness.signIn(expiresInMs: nil)
        harness.clock.advance(byMs: 180_000)
        let old = await harness.provider.nextCall()
        let updated = try await harness.keeper.updateUser(["name": "mine", "password": "hash"], expect: nil).snapshot
        #expect(updated.objects["user"] == .available(["name": "mine"], lastValidatedAt: updated.lastValidatedAt))
        // What else the answer brings counts: a token that it replaces is gone otherwise.
        old.answer(.confirmed(.of("t1-replaced", expiresAt: nil)))
        await harness.until { $0.session?.tokens.sessionToken == Secret("t1-replaced") }
        #expect(harness.snapshot.objects["user"] == updated.objects["user"])
        harness.clock.advance(byMs: 180_000)
        let next = await harness.provider.nextCall()
        #expect(next.session?.tokens.sessionToken == Secret("t1-replaced"))
        next.answer(.confirmed(.of("t1", expiresAt: nil, user: "theirs")))
        await harness.until { $0.snapshot.objects["user"]?.value == ["name": "theirs"] }
    }
}

extension ObjectInfo {
    fileprivate var value: JSONValue? {
        guard case .available(let value, _) = self else { return nil }
        return value
    }
}
