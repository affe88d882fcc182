import SessionCore
import SessionProtocol
import SessionTesting
import Testing

/// A keeper that is made beside an image: it serves from that, and then asks the vault.
@Suite("Image", .timeLimit(.minutes(1)))
struct ImageTests {
    /// A vault as the next process finds it, whose image and disk both have the session `t1`.
    static func signedIn(clock: ManualClock = ManualClock()) async throws -> (MemoryVault, ManualClock) {
        let harness = await KeeperHarness.started(clock: clock)
        try await harness.signIn(token: "t1")
        return (harness.vault.next(), clock)
    }

    /// A vault whose disk has the session `disk`, and whose image has `image`, saved before or after.
    static func apart(image: String, disk: String, isImageNewer: Bool) async throws -> (MemoryVault, ManualClock) {
        let harness = await KeeperHarness.started()
        try await harness.signIn(token: isImageNewer ? disk : image)
        let old = harness.vault.next()
        try await harness.signIn(token: isImageNewer ? image : disk)
        let new = harness.vault.next()
        let vault = isImageNewer ? old : new
        vault.hold(
            (isImageNewer ? new : old).image(profile: "p", provider: "scripted"), profile: "p", provider: "scripted")
        return (vault, harness.clock)
    }

    func token(_ harness: KeeperHarness) -> Secret? { harness.keeper.publication.session?.tokens.sessionToken }

    @Test("a keeper serves from the image as soon as it is made: unverified, and nothing asked of disk or provider")
    func made() async throws {
        let (vault, clock) = try await Self.signedIn()
        let harness = KeeperHarness(clock: clock, vault: vault, instance: "i2")
        let publication = harness.keeper.publication
        #expect(publication.snapshot.phase == .unverified && publication.snapshot.cause.kind == .restored)
        #expect(publication.isCurrent(at: clock.now()) && publication.session?.tokens.sessionToken == Secret("t1"))
        #expect(vault.loads == 0 && harness.provider.askedCount == 0)
    }

    @Test("without an image nothing is said before the disk has been asked, and whoever asks has it asked")
    func withoutImage() async throws {
        let (vault, clock) = try await Self.signedIn()
        let harness = KeeperHarness(clock: clock, vault: vault.next(withImage: false), instance: "i2")
        #expect(harness.snapshot.phase == .loading)
        #expect(!harness.keeper.publication.isCurrent(at: clock.now()))
        #expect(await harness.keeper.settle().snapshot.phase == .unverified)
        await harness.keeper.start()
        #expect(harness.vault.loads == 1)
    }

    @Test("an image as new as the disk: no further revision, no write, and the session is validated at once")
    func equal() async throws {
        let (vault, clock) = try await Self.signedIn()
        let harness = KeeperHarness(clock: clock, vault: vault, instance: "i2")
        let before = harness.keeper.publication
        await harness.keeper.start()
        #expect(harness.keeper.publication.changeSequence == before.changeSequence && vault.saves == 0)
        await harness.provider.nextCall().answer(.confirmed(.of("t1", expiresAt: before.snapshot.expiresAt)))
        #expect(await harness.until { $0.snapshot.phase == .active }.snapshot.cause.kind == .validated)
    }

    @Test("an image newer than the disk counts, and is written")
    func newer() async throws {
        let (vault, clock) = try await Self.apart(image: "t2", disk: "t1", isImageNewer: true)
        let harness = await KeeperHarness.started(clock: clock, vault: vault, instance: "i2")
        #expect(token(harness) == Secret("t2"))
        #expect(vault.record(of: "p")?.session?.tokens.sessionToken == Secret("t2"))
    }

    @Test("an image older than the disk serves until the disk has answered, and never after")
    func older() async throws {
        let (vault, clock) = try await Self.apart(image: "t1", disk: "t2", isImageNewer: false)
        let harness = KeeperHarness(clock: clock, vault: vault, instance: "i2")
        let first = harness.keeper.publication
        #expect(token(harness) == Secret("t1"))
        await harness.keeper.start()
        #expect(token(harness) == Secret("t2"))
        #expect(harness.snapshot.phase == .unverified && harness.snapshot.revision > first.snapshot.revision)
        #expect(vault.saves == 0 && vault.imaged("p")?.session?.tokens.sessionToken == Secret("t2"))
        #expect(await harness.provider.nextCall().session?.tokens.sessionToken == Secret("t2"))
    }

    @Test("where the disk has no record any more, neither has the profile; the next is newer than the image's")
    func gone() async throws {
        let (vault, clock) = try await Self.signedIn()
        let image = try #require(vault.image(profile: "p", provider: "scripted"))
        try vault.remove(profile: "p", provider: "scripted")
        vault.hold(image, profile: "p", provider: "scripted")
        let harness = KeeperHarness(clock: clock, vault: vault, instance: "i2")
        #expect(harness.snapshot.phase == .unverified)
        await harness.keeper.start()
        #expect(harness.snapshot.phase == .signedOut && harness.snapshot.cause.kind == .neverSignedIn)
        #expect(vault.imaged("p") == nil)
        try await harness.signIn(token: "t3")
        let saved = try #require(try vault.load(profile: "p", provider: "scripted"))
        #expect(saved.generation > image.generation)
    }

    @Test("a session whose end has passed meanwhile is not served from the image either")
    func expired() async throws {
        let (vault, clock) = try await Self.signedIn()
        clock.advance(byMs: 3_700_000)
        let harness = KeeperHarness(clock: clock, vault: vault, instance: "i2")
        #expect(harness.snapshot.phase == .signedOut && harness.snapshot.cause.kind == .expired)
    }

    @Test(
        "a disk that cannot be read: the image is served and validated, changes are refused, and nothing is written",
        arguments: [VaultError.keyUnavailable, .storeFailed])
    func unreadable(failure: VaultError) async throws {
        let (vault, clock) = try await Self.signedIn()
        vault.failure = failure
        clock.advance(byMs: 5000)
        let harness = KeeperHarness(clock: clock, vault: vault, instance: "i2")
        await harness.keeper.start()
        #expect(harness.snapshot.phase == .unverified && harness.keeper.isStoreFailing)
        await harness.provider.nextCall().answer(.confirmed(.of("t1", expiresAt: harness.snapshot.expiresAt)))
        await harness.until { $0.snapshot.phase == .active }
        await #expect(throws: KeeperError.storeFailed) { try await harness.keeper.invalidate(expect: nil) }
        #expect(harness.snapshot.phase == .active && vault.saves == 0)
        // What has been learned is in the image, under the generation that it had.
        let imaged = try #require(vault.image(profile: "p", provider: "scripted"))
        #expect(vault.imaged("p")?.lastSuccessAt == clock.now().wall)
        vault.failure = nil
        #expect(try vault.load(profile: "p", provider: "scripted")?.generation == imaged.generation)
        await harness.keeper.retryStoreNow()
        #expect(!harness.keeper.isStoreFailing && vault.saves == 1)
        #expect(vault.record(of: "p")?.lastSuccessAt == clock.now().wall)
        _ = try await harness.keeper.invalidate(expect: nil)
        #expect(harness.snapshot.phase == .signedOut)
    }

    @Test("a disk that can be read again and is newer counts, whatever happened to the image's session meanwhile")
    func newerAfterFailure() async throws {
        let (vault, clock) = try await Self.apart(image: "t1", disk: "t2", isImageNewer: false)
        vault.failure = .storeFailed
        let harness = await KeeperHarness.started(clock: clock, vault: vault, instance: "i2")
        // Young sessions are asked about twice.
        clock.advance(byMs: 60_000)
        await harness.keeper.timeHasJumped()
        let call = await harness.provider.nextCall()
        call.answer(.ended(.endedElsewhere))
        await harness.until { $0.snapshot.phase == .signedOut }
        #expect(vault.imaged("p")?.session == nil)
        vault.failure = nil
        await harness.keeper.retryStoreNow()
        #expect(harness.snapshot.phase == .unverified && token(harness) == Secret("t2"))
    }

    @Test("an answer about the image's session does not touch the disk's")
    func lateAnswer() async throws {
        let (vault, clock) = try await Self.apart(image: "t1", disk: "t2", isImageNewer: false)
        vault.failure = .storeFailed
        let harness = await KeeperHarness.started(clock: clock, vault: vault, instance: "i2")
        let call = await harness.provider.nextCall()
        vault.failure = nil
        await harness.keeper.retryStoreNow()
        #expect(token(harness) == Secret("t2"))
        call.answer(.ended(.endedElsewhere))
        let next = await harness.provider.nextCall()
        #expect(next.session?.tokens.sessionToken == Secret("t2") && harness.snapshot.phase == .unverified)
    }

    @Test("what only memory had on a full disk survives the process in the image")
    func fullDisk() async throws {
        let harness = await KeeperHarness.started()
        try await harness.signIn(token: "t1", expiresInMs: nil)
        harness.vault.failure = .storeFailed
        harness.clock.advance(byMs: 180_000)
        await harness.provider.nextCall().answer(.confirmed(.of("t2", expiresAt: nil)))
        await harness.until { $0.session?.tokens.sessionToken == Secret("t2") }
        let next = harness.vault.next()
        #expect(next.record(of: "p")?.session?.tokens.sessionToken == Secret("t1"))
        next.failure = .storeFailed
        let again = KeeperHarness(clock: harness.clock, vault: next, instance: "i2")
        await again.keeper.start()
        #expect(token(again) == Secret("t2"))
        next.failure = nil
        await again.keeper.retryStoreNow()
        #expect(next.record(of: "p")?.session?.tokens.sessionToken == Secret("t2"))
    }

    @Test("a change that was refused over a full disk is not in the image")
    func refused() async throws {
        let harness = await KeeperHarness.started()
        try await harness.signIn(token: "t1", expiresInMs: nil)
        harness.vault.failure = .storeFailed
        await #expect(throws: KeeperError.storeFailed) { try await harness.keeper.invalidate(expect: nil) }
        #expect(harness.vault.imaged("p")?.session?.tokens.sessionToken == Secret("t1"))
    }

    @Test("a session that ended on a full disk does not come back with the next process")
    func ended() async throws {
        let harness = await KeeperHarness.started()
        try await harness.signIn(token: "t1", expiresInMs: nil)
        harness.vault.failure = .storeFailed
        harness.clock.advance(byMs: 180_000)
        await harness.provider.nextCall().answer(.ended(.endedElsewhere))
        await harness.until { $0.snapshot.phase == .signedOut }
        let next = harness.vault.next()
        #expect(next.record(of: "p")?.session != nil)
        let again = await KeeperHarness.started(clock: harness.clock, vault: next, instance: "i2")
        #expect(again.snapshot.phase == .signedOut && again.snapshot.cause.kind == .endedElsewhere)
        #expect(next.record(of: "p")?.session == nil)
    }

    @Test("a key that is back opens disk and image, of which the newer counts")
    func keyBack() async throws {
        let (vault, clock) = try await Self.apart(image: "t2", disk: "t1", isImageNewer: true)
        let image = vault.image(profile: "p", provider: "scripted")
        vault.hold(nil, profile: "p", provider: "scripted")
        vault.failure = .keyUnavailable
        let harness = await KeeperHarness.started(clock: clock, vault: vault, instance: "i2")
        #expect(harness.snapshot.phase == .sealed)
        vault.hold(image, profile: "p", provider: "scripted")
        vault.failure = nil
        await harness.keeper.retryStoreNow()
        #expect(harness.snapshot.phase == .unverified && token(harness) == Secret("t2"))
        #expect(vault.record(of: "p")?.session?.tokens.sessionToken == Secret("t2"))
    }

    @Test("a damaged record signs nobody out whose session is in the image")
    func corrupt() async throws {
        let (vault, clock) = try await Self.signedIn()
        let harness = KeeperHarness(clock: clock, vault: vault, instance: "i2")
        vault.failure = .recordCorrupt
        await harness.keeper.start()
        #expect(harness.snapshot.phase == .unverified && token(harness) == Secret("t1"))
        vault.failure = nil
        await harness.keeper.retryStoreNow()
        #expect(vault.saves == 1 && !harness.keeper.isStoreFailing)
    }

    @Test("a keeper that was never started writes nothing when it ends")
    func neverStarted() async throws {
        let (vault, clock) = try await Self.signedIn()
        let harness = KeeperHarness(clock: clock, vault: vault, instance: "i2")
        await harness.keeper.shutDown()
        #expect(vault.loads == 0 && vault.saves == 0)
    }
}
