import Dispatch
import Glibc
import SessionCore
import Synchronization
import Testing

@testable import SessionVault

@Suite("What outlives the process without the disk", .timeLimit(.minutes(1)))
struct ImageTests {
    let workshop: Workshop
    let place = MemoryPlace()

    init() throws { workshop = try Workshop() }

    func vault(files: any FileOperations = LinuxFiles(), offered: [OfferedImage] = []) -> SealedFileVault {
        let vault = workshop.vault(files: files, images: place)
        vault.offer(offered)
        return vault
    }

    func text(_ vault: SealedFileVault, _ profile: String = "shop") -> String? {
        vault.image(profile: profile, provider: "stytch").map { String(decoding: $0.payload, as: UTF8.self) }
    }

    func record(_ text: String, _ generation: UInt64) -> SealedRecord {
        SealedRecord(generation: generation, payload: Array(text.utf8))
    }

    /// What the next process finds in the image, before it asks the disk for a record.
    func next(_ profile: String = "shop") -> String? { text(vault(offered: place.offered()), profile) }

    @Test("whoever is told of a save or a removal has the image say the same")
    func durable() throws {
        let vault = vault()
        try vault.save("one", generation: 1)
        #expect(next() == "one")
        try vault.save("two", generation: 2)
        try vault.save("other", generation: 1, profile: "till")
        #expect(next() == "two" && next("till") == "other")
        try vault.remove(profile: "shop", provider: "stytch")
        #expect(next() == nil && next("till") == "other")
    }

    @Test("the disk comes first: an image never says what the disk has not got")
    func order() throws {
        let vault = vault()
        let seen = Mutex<[String?]>([])
        place.onReplace { [workshop] in
            let text = try? workshop.vault().text()
            seen.withLock { $0.append(text ?? nil) }
        }
        try vault.save("one", generation: 1)
        try vault.save("two", generation: 2)
        #expect(seen.withLock { $0 } == ["one", "two"])
    }

    @Test("what the disk has refused is in the image only where it is held")
    func held() throws {
        try vault().save("one", generation: 1)
        let count = place.stored
        let failing = vault(files: FaultyFiles(without: [.create: ENOSPC]), offered: place.offered())
        #expect(try failing.text() == "one")
        #expect(throws: VaultError.self) { try failing.save("two", generation: 2) }
        #expect(next() == "one")
        failing.hold(record("two", 2), profile: "shop", provider: "stytch")
        #expect(next() == "two" && place.stored > count)
        #expect(try workshop.vault().text() == "one")
        failing.hold(nil, profile: "shop", provider: "stytch")
        #expect(next() == nil)
    }

    @Test("the disk's record replaces an older one in the image, not a newer one, and none where it has none")
    func loaded() throws {
        try vault().save("one", generation: 1)
        let old = place.offered()
        try vault(offered: old).save("two", generation: 2)
        let behind = vault(offered: old)
        #expect(text(behind) == "one")
        #expect(try behind.text() == "two")
        #expect(text(behind) == "two")
        let ahead = vault(offered: place.offered())
        ahead.hold(record("three", 3), profile: "shop", provider: "stytch")
        #expect(try ahead.text() == "two")
        #expect(text(ahead) == "three")
        #expect(unlink(workshop.record("shop")) == 0)
        let without = vault(offered: place.offered())
        #expect(text(without) == "three")
        #expect(try without.text() == nil)
        #expect(text(without) == nil)
    }

    @Test("of two the newer one counts, whatever their names and order", arguments: [false, true])
    func choice(isReversed: Bool) throws {
        let vault = vault()
        try vault.save("one", generation: 1)
        let older = place.offered(as: "state-b")
        try vault.save("two", generation: 2)
        let both = older + place.offered(as: "state-a")
        let next = self.vault(offered: isReversed ? both.reversed() : both)
        #expect(text(next) == "two")
        next.bringImage()
        #expect(Set(place.retired) == ["state-a", "state-b"] && place.discarded.isEmpty)
    }

    @Test("a newer one that is damaged is dropped with a word, and the older one counts")
    func damaged() throws {
        let vault = vault()
        try vault.save("one", generation: 1)
        let older = place.offered(as: "state-b")
        try vault.save("two", generation: 2)
        var bytes = try #require(place.image)
        bytes[bytes.count - 1] ^= 1
        let next = self.vault(offered: [OfferedImage(name: "state-a", bytes: bytes)] + older)
        #expect(text(next) == "one")
        next.bringImage()
        #expect(place.discarded == ["state-a"] && place.retired == ["state-b"])
        #expect(workshop.events.contains(.imageRefused(name: "state-a", damage: .notAuthentic)))
    }

    @Test("what is no image is dropped, and a count that leaves no room is no image's")
    func garbage() throws {
        let vault = vault()
        try vault.save("one", generation: 1)
        let state = try #require(VaultName("state"))
        let header = EnvelopeHeader(
            kind: .image, keyID: KeyID(number: 1), generation: .max, nonce: [UInt8](repeating: 0, count: 12),
            payloadLength: 0, profile: state, provider: state)
        let next = self.vault(offered: [
            OfferedImage(name: "state-a", bytes: []), OfferedImage(name: "state-b", bytes: Array("hello".utf8)),
            OfferedImage(name: "state-c", bytes: header.encoded + [UInt8](repeating: 0, count: 16)),
        ])
        #expect(!next.hasImage)
        #expect(Set(place.discarded) == ["state-a", "state-b", "state-c"])
        try next.save("two", generation: 2)
        #expect(text(self.vault(offered: place.offered())) == "two")
    }

    @Test("counts go on over processes, so that a newer image is never taken for an older")
    func counts() throws {
        try vault().save("one", generation: 1)
        var offered = place.offered(as: "state-a")
        for number in 2...5 {
            try vault(offered: offered).save("\(number)", generation: UInt64(number))
            let newer = place.offered(as: number % 2 == 0 ? "state-b" : "state-a")
            #expect(text(vault(offered: offered + newer)) == "\(number)")
            offered = newer
        }
    }

    @Test("an image whose key is missing is kept, and counts once the key is back")
    func keyAway() throws {
        let vault = vault()
        try vault.save("one", generation: 1)
        vault.hold(record("two", 2), profile: "shop", provider: "stytch")
        let offered = place.offered()
        #expect(rename(workshop.masterKey, workshop.masterKey + "~") == 0)
        let stored = place.stored
        let next = self.vault(offered: offered)
        #expect(!next.hasImage)
        #expect(throws: VaultError.keyUnavailable) { try next.text() }
        #expect(place.stored == stored && place.retired.isEmpty && place.discarded.isEmpty)
        #expect(rename(workshop.masterKey + "~", workshop.masterKey) == 0)
        #expect(try next.text() == "one")
        #expect(text(next) == "two")
    }

    @Test("an image under a key that is in no source is kept beside those of the key that is, and told of once")
    func otherKey() throws {
        let first = try workshop.file("first", keyBytes(1))
        let second = try workshop.file("second", keyBytes(9))
        let vault = workshop.vault(KeySources(file: first), images: place)
        try vault.save("one", generation: 1)
        vault.hold(record("two", 2), profile: "shop", provider: "stytch")
        let offered = place.offered()
        let next = workshop.vault(KeySources(file: second), images: place)
        next.offer(offered)
        #expect(!next.hasImage)
        #expect(throws: VaultError.keyUnavailable) { try next.text() }
        try next.save("other", generation: 1, profile: "till")
        #expect(place.retired.isEmpty && place.discarded.isEmpty)
        #expect(workshop.events.filter { $0 == .imageKept(name: "state-a") }.count == 1)
        // The first key comes back behind the second.
        try write(
            Array(
                ("sessiond-key v1\n" + [keyBytes(9), keyBytes(1)].map(hexadecimal).joined(separator: "\n") + "\n").utf8),
            to: second)
        #expect(try next.text() == "one")
        #expect(text(next) == "two" && text(next, "till") == "other")
        next.bringImage()
        #expect(place.retired == ["state-a"])
    }

    func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }.joined()
    }

    @Test("after a rotation the image needs the new key alone, for what only it has too, before the old key goes")
    func rotated() throws {
        let vault = vault()
        try vault.save("one", generation: 1)
        try vault.save("other", generation: 1, profile: "till")
        vault.hold(record("newer", 2), profile: "till", provider: "stytch")
        let report = try vault.rotateKey()
        #expect(report.retired.count == 1)
        #expect(!String(decoding: try read(workshop.masterKey), as: UTF8.self).contains(report.retired[0]))
        #expect(next() == "one" && next("till") == "newer")
        #expect(try workshop.vault().text("till") == "other")
    }

    @Test("another provider finds nothing in the image, and takes the profile over")
    func otherProvider() throws {
        try vault().save("one", generation: 50)
        let next = vault(offered: place.offered())
        #expect(next.image(profile: "shop", provider: "oidc") == nil)
        #expect(throws: VaultError.recordCorrupt) { try next.load(profile: "shop", provider: "oidc") }
        try next.save(record("mine", 1), profile: "shop", provider: "oidc")
        let later = vault(offered: place.offered())
        #expect(later.image(profile: "shop", provider: "oidc")?.payload == Array("mine".utf8))
    }

    @Test("a damaged record does not take the image's with it")
    func corrupt() throws {
        try vault().save("one", generation: 1)
        try write([1, 2, 3], to: workshop.record("shop"))
        let next = vault(offered: place.offered())
        #expect(throws: VaultError.recordCorrupt) { try next.text() }
        #expect(text(next) == "one")
    }

    @Test("profiles that nobody asks for stay in the image, as their files stay on the disk")
    func unconfigured() throws {
        try vault().save("one", generation: 1)
        let next = vault(offered: place.offered())
        #expect(next.hasImage)
        try next.save("other", generation: 1, profile: "till")
        #expect(self.next() == "one")
    }

    @Test("an image that cannot be stored fails no save, is told of once, and heals with the next change")
    func refused() throws {
        let vault = vault()
        try vault.save("one", generation: 1)
        place.failure = ImageNotKept("no room")
        try vault.save("two", generation: 2)
        try vault.save("three", generation: 3)
        #expect(next() == nil)
        #expect(workshop.events.filter { $0 == .imageNotStored(why: "no room") }.count == 1)
        place.failure = nil
        try vault.save("four", generation: 4)
        #expect(next() == "four")
        place.failure = ImageNotKept("no room")
        try vault.save("five", generation: 5)
        #expect(workshop.events.filter { $0 == .imageNotStored(why: "no room") }.count == 2)
    }

    @Test("an image that is older than what callers were told is not believed, until there is a newer one")
    func old() throws {
        let vault = vault()
        try vault.save("one", generation: 1)
        let offered = place.offered()
        place.failure = ImageNotKept("no room")
        try vault.remove(profile: "shop", provider: "stytch")
        #expect(text(self.vault(offered: offered)) == nil)
        #expect(workshop.events.contains(.imageRefused(name: "state-a", damage: .old)))
        place.failure = nil
        try vault.save("two", generation: 2)
        #expect(next() == "two")
    }

    @Test("the mark of a version goes with that one or a later, whichever thread speaks last")
    func mark() {
        let isSet = Mutex(true)
        let mark = ImageMark { mark in isSet.withLock { $0 = mark } }
        // What the last process may have left goes with the first image.
        mark.clear(upTo: 1)
        #expect(!isSet.withLock { $0 })
        for (set, cleared, stays) in [(3, 2, true), (4, 4, false), (6, 5, true), (5, 6, false)]
            as [(UInt64, UInt64, Bool)]
        {
            mark.set(for: set)
            #expect(isSet.withLock { $0 })
            mark.clear(upTo: cleared)
            #expect(isSet.withLock { $0 } == stays)
        }
    }

    @Test("changes that come together share an image, and each is in the one that its caller waited for")
    func together() async throws {
        let vault = vault()
        try vault.save("one", generation: 1)
        let before = place.stored
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<24 {
                group.addTask { [self] in
                    try vault.save("\(number)", generation: 1, profile: "p\(number)")
                    let opened = self.vault(offered: place.offered())
                    #expect(text(opened, "p\(number)") == "\(number)")
                }
            }
            try await group.waitForAll()
        }
        #expect(place.stored - before <= 24)
    }

    @Test("a manager that does not answer holds up one save for a while, and the next not at all")
    func hanging() throws {
        let release = DispatchSemaphore(value: 0)
        place.onReplace { release.wait() }
        let told = Mutex<[VaultEvent]>([])
        let isDistrusted = Mutex(false)
        let upload = ImageUpload(
            to: place, patience: .milliseconds(20), mark: ImageMark { mark in isDistrusted.withLock { $0 = mark } }
        ) { event in told.withLock { $0.append(event) } }
        let version = Mutex<UInt64>(0)
        let cargo = { @Sendable in
            ImageUpload.Cargo(version: version.withLock { $0 }, image: .success([UInt8(version.withLock { $0 })]))
        }
        for next in 1...3 as ClosedRange<UInt64> {
            version.withLock { $0 = next }
            upload.bring(next, cargo)
        }
        #expect(told.withLock { $0 } == [.imageNotStored(why: "it does not answer")])
        #expect(place.image == nil)
        #expect(isDistrusted.withLock { $0 }, "the next process must not believe what there is")
        // It answers again: the newest is what it gets.
        for _ in 0..<3 { release.signal() }
        version.withLock { $0 = 4 }
        while place.image != [4] { upload.bring(4, cargo) }
        while isDistrusted.withLock({ $0 }) { upload.bring(4, cargo) }
    }
}
