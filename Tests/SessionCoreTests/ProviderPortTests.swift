import SessionCore
import SessionProtocol
import SessionTesting
import Testing

@Suite("What a provider may leave with the keeper", .timeLimit(.minutes(1)))
struct ProviderPortTests {
    @Test("an object that the traits do not name is stored and handed in again, and no reader ever sees it")
    func hiddenObject() async throws {
        let harness = await KeeperHarness.started()
        async let result = harness.keeper.signIn(
            method: "password", fields: SignInFields([:]), durationMinutes: nil, expect: nil)
        var confirmation = Confirmation.of("t1", expiresAt: nil)
        confirmation.objects["policy"] = ["roles": ["canary-role"]]
        await harness.provider.nextCall().answer(.confirmed(confirmation))
        let publication = try await result.publication
        #expect(!String(decoding: publication.encoded, as: UTF8.self).contains("canary-role"))
        await harness.keeper.shutDown()

        let again = await KeeperHarness.started(clock: harness.clock, vault: harness.vault, instance: "i2")
        let call = await again.provider.nextCall()
        #expect(call.session?.objects["policy"] == ["roles": ["canary-role"]])
        let revision = again.snapshot.revision
        confirmation.objects["policy"] = ["roles": []]
        call.answer(.confirmed(confirmation))
        await again.until { $0.snapshot.phase == .active }
        #expect(again.snapshot.revision == revision + 1, "the phase has changed")
        async let validated = again.keeper.authenticate(durationMinutes: nil, expect: nil)
        confirmation.objects["policy"] = ["roles": ["other"]]
        await again.provider.nextCall().answer(.confirmed(confirmation))
        #expect(try await validated.snapshot.revision == revision + 1, "a hidden object is no change")
    }

    @Test("access is asked of the objects that are seen and of those that are kept for the provider")
    func accessOfHiddenObject() async throws {
        let harness = await KeeperHarness.started()
        let question = AccessQuestion.requirement("policy")
        #expect(!harness.keeper.allows(question, in: harness.keeper.publication))
        async let result = harness.keeper.signIn(
            method: "password", fields: SignInFields([:]), durationMinutes: nil, expect: nil)
        var confirmation = Confirmation.of("t1", expiresAt: nil)
        confirmation.objects["policy"] = [:]
        await harness.provider.nextCall().answer(.confirmed(confirmation))
        let publication = try await result.publication
        #expect(harness.keeper.allows(question, in: publication))
        #expect(harness.keeper.allows(.requirement("user"), in: publication))
        #expect(!harness.keeper.allows(.requirement("other"), in: publication))
    }

    @Test("a queued revocation keeps the members that it needs, over a restart, and nothing else of the person")
    func revocationMembers() async throws {
        var traits = ProviderTraits.scripted
        traits.revocationMembers = ["session": ["id"]]
        let provider = ScriptedProvider(traits: traits)
        let harness = await KeeperHarness.started(provider: provider)
        try await harness.signIn()
        async let revoked = harness.keeper.revoke(.all, force: true, expect: nil)
        await harness.provider.nextCall().answer(revocation: .unreachable())
        _ = try await revoked
        let stored = try #require(harness.vault.record(of: "p")?.revocations.first)
        #expect(stored.session.objects == ["session": ["id": "id-t1"]])
        await harness.keeper.shutDown()

        let again = await KeeperHarness.started(
            clock: harness.clock, provider: ScriptedProvider(traits: traits), vault: harness.vault, instance: "i2")
        let call = await again.provider.nextCall()
        #expect(call.session?.objects == ["session": ["id": "id-t1"]])
        call.answer(revocation: .confirmed)
    }

    @Test("an object of the service's own stays available when the session ends, over a restart")
    func lastingObject() async throws {
        var traits = ProviderTraits.scripted
        traits.objects.append("app")
        traits.lastingObjects = ["app"]
        let harness = await KeeperHarness.started(provider: ScriptedProvider(traits: traits))
        #expect(harness.snapshot.objects["app"] == .unavailable(.signedOut))
        async let result = harness.keeper.signIn(
            method: "password", fields: SignInFields([:]), durationMinutes: nil, expect: nil)
        var confirmation = Confirmation.of("t1", expiresAt: nil)
        confirmation.objects["app"] = ["title": "Depot"]
        await harness.provider.nextCall().answer(.confirmed(confirmation))
        let signedIn = try await result.publication.snapshot
        _ = try await harness.keeper.invalidate(expect: nil)
        #expect(harness.snapshot.phase == .signedOut && harness.snapshot.objects["app"] == signedIn.objects["app"])
        #expect(harness.snapshot.objects["user"] == .unavailable(.signedOut))
        await harness.keeper.shutDown()

        let again = await KeeperHarness.started(
            clock: harness.clock, provider: ScriptedProvider(traits: traits), vault: harness.vault, instance: "i2")
        #expect(again.snapshot.phase == .signedOut && again.snapshot.objects["app"] == signedIn.objects["app"])
    }

    @Test("tokens handed in that turn out to be a sign-in on its way become its challenge")
    func challengeOfHandedIn() async throws {
        let harness = await KeeperHarness.started()
        let token = try #require(Secret("t9"))
        _ = try await harness.keeper.update(HandedInSession(sessionToken: token), expect: nil)
        let challenge = PendingChallenge(challenge: Challenge(id: "c1", kind: "account", expiresAt: nil))
        await harness.provider.nextCall().answer(.challenge(challenge))
        let publication = await harness.until { $0.snapshot.phase == .challenged }
        #expect(publication.snapshot.challenge?.id == "c1" && publication.session == nil)
        #expect(harness.vault.record(of: "p")?.challenge == challenge)
    }

    @Test("a step that needs a session is notSignedIn where none is held")
    func sessionRequired() async throws {
        let harness = await KeeperHarness.started()
        let signIn = Task {
            try await harness.keeper.signIn(
                method: "totp", fields: SignInFields([:]), durationMinutes: nil, expect: nil)
        }
        await harness.provider.nextCall().answer(.sessionRequired)
        await #expect(throws: KeeperError.notSignedIn(.signedOut)) { try await signIn.value }
    }

    @Test("the tokens of a session that was handed in are read by the provider")
    func handedInTokens() async throws {
        let harness = await KeeperHarness.started()
        let token = try #require(Secret("t9"))
        let publication = try await harness.keeper.update(
            HandedInSession(sessionToken: token, sessionJwt: Secret("j9")), expect: nil)
        #expect(publication.session?.tokens.jwtExpiresAt == ScriptedProvider.handedInJWTEnd)
        await harness.provider.nextCall().answer(.confirmed(.of("t9", expiresAt: nil)))
    }
}
