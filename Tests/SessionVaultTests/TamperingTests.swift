import Crypto
import Glibc
import SessionCore
import Testing

@testable import SessionVault

@Suite("A record that is not the one that was sealed is set aside; one that cannot be had now waits")
struct TamperingTests {
    let workshop: Workshop

    init() throws {
        workshop = try Workshop()
        try workshop.vault().save("canary")
    }

    /// The record was kept, byte for byte, and the profile starts anew.
    func expectSetAside(_ damage: VaultEvent.Damage, as number: Int = 1) throws {
        let bytes = try read(workshop.record("shop"))
        let vault = workshop.vault()
        #expect(throws: VaultError.recordCorrupt) { _ = try vault.text() }
        let name = "shop.sealed.corrupt-\(number)"
        #expect(try read(workshop.profiles + "/" + name) == bytes)
        #expect(workshop.events.contains(.recordSetAside(profile: "shop", name: name, damage: damage)))
        #expect(try vault.text() == nil)
    }

    /// Nothing was touched, and the record is there again once the obstacle is gone.
    func expectWaiting(mend: () throws -> Void) throws {
        let before = names(in: workshop.profiles)
        let vault = workshop.vault()
        #expect(throws: VaultError.keyUnavailable) { _ = try vault.text() }
        #expect(throws: VaultError.keyUnavailable) { _ = try vault.text() }
        let told = workshop.events.filter { if case .recordUnreadable = $0 { true } else { false } }
        #expect(told.count == 1, "the log hears of it once")
        #expect(names(in: workshop.profiles) == before)
        try mend()
        #expect(try vault.text() == "canary")
    }

    @Test("torn at a length", arguments: [0, 1, 8, 11, 12, 40, 55, 56, 60, 77])
    func torn(length: Int) throws {
        try write(Array(try read(workshop.record("shop"))[..<length]), to: workshop.record("shop"))
        try expectSetAside(.malformed)
    }

    @Test("flipped in its contents")
    func flipped() throws {
        var bytes = try read(workshop.record("shop"))
        bytes[bytes.count - 20] ^= 1
        try write(bytes, to: workshop.record("shop"))
        try expectSetAside(.notAuthentic)
    }

    @Test("files of two profiles exchanged: both are set aside")
    func exchanged() throws {
        try workshop.vault().save("other", profile: "till")
        let (shop, till) = (workshop.record("shop"), workshop.record("till"))
        #expect(rename(shop, shop + "~") == 0 && rename(till, shop) == 0 && rename(shop + "~", till) == 0)
        try expectSetAside(.otherProfile)
        #expect(throws: VaultError.recordCorrupt) { _ = try workshop.vault().text("till") }
    }

    @Test("sealed for another provider")
    func otherProvider() throws {
        #expect(throws: VaultError.recordCorrupt) {
            _ = try workshop.vault().load(profile: "shop", provider: "agnost")
        }
        #expect(names(in: workshop.profiles) == ["shop.sealed.corrupt-1"])
    }

    @Test("a file larger than any record")
    func tooLarge() throws {
        #expect(truncate(workshop.record("shop"), EnvelopeHeader.fileLimit + 1) == 0)
        #expect(throws: VaultError.recordCorrupt) { _ = try workshop.vault().text() }
        #expect(names(in: workshop.profiles) == ["shop.sealed.corrupt-1"])
    }

    @Test("a second copy does not replace the first")
    func twice() throws {
        for number in 1...3 {
            try write([UInt8(number)], to: workshop.record("shop"))
            try expectSetAside(.malformed, as: number)
        }
    }

    @Test("a record that was rolled back while the daemon runs, though it is well sealed")
    func rolledBack() throws {
        let old = try read(workshop.record("shop"))
        let vault = workshop.vault()
        #expect(try vault.text() == "canary")
        try vault.save("newer", generation: 2)
        try write(old, to: workshop.record("shop"))
        #expect(throws: VaultError.recordCorrupt) { _ = try vault.text() }
        #expect(
            workshop.events.contains(
                .recordSetAside(profile: "shop", name: "shop.sealed.corrupt-1", damage: .rolledBack)))
    }

    @Test("a record put back after the vault has removed it, and one put where the vault saw none")
    func resurrected() throws {
        let old = try read(workshop.record("shop"))
        let vault = workshop.vault()
        try vault.remove(profile: "shop", provider: "stytch")
        try write(old, to: workshop.record("shop"))
        #expect(throws: VaultError.recordCorrupt) { _ = try vault.text() }
        #expect(try vault.text() == nil)
        try write(old, to: workshop.record("shop"))
        #expect(throws: VaultError.recordCorrupt) { _ = try vault.text() }
    }

    @Test("a rolled-back file does not survive the next save, whatever it claims")
    func replacedBySave() throws {
        let old = try read(workshop.record("shop"))
        let vault = workshop.vault()
        try vault.save("newer", generation: 2)
        try write(old, to: workshop.record("shop"))
        try vault.save("newest", generation: 3)
        #expect(try vault.text() == "newest")
        #expect(try workshop.vault().text() == "newest")
        #expect(names(in: workshop.profiles) == ["shop.sealed"])
    }

    @Test("generations may restart after a removal")
    func restartedGenerations() throws {
        let vault = workshop.vault()
        try vault.save("high", generation: 100)
        try vault.remove(profile: "shop", provider: "stytch")
        try vault.save("low", generation: 1)
        #expect(try vault.text() == "low")
        #expect(try vault.load(profile: "shop", provider: "stytch")?.generation == 1)
    }

    @Test("a record that belongs to somebody else waits", .enabled(if: isRoot, "only root can give files away"))
    func foreignOwner() throws {
        #expect(chown(workshop.record("shop"), 65534, 65534) == 0)
        try expectWaiting { #expect(chown(workshop.record("shop"), 0, 0) == 0) }
    }

    @Test("a record that may not be read waits", .enabled(if: !isRoot, "root may read everything"))
    func unreadable() throws {
        #expect(chmod(workshop.record("shop"), 0) == 0)
        try expectWaiting { #expect(chmod(workshop.record("shop"), 0o600) == 0) }
    }

    @Test("a link in the place of a record is not followed, and waits")
    func linkedRecord() throws {
        let shop = workshop.record("shop")
        let elsewhere = workshop.path + "/elsewhere"
        #expect(rename(shop, elsewhere) == 0 && symlink(elsewhere, shop) == 0)
        try expectWaiting { #expect(rename(elsewhere, shop) == 0) }
    }

    @Test("a FIFO in the place of a record does not hang the daemon, and waits")
    func fifo() throws {
        let shop = workshop.record("shop")
        #expect(rename(shop, shop + "~") == 0 && mkfifo(shop, 0o600) == 0)
        try expectWaiting { #expect(rename(shop + "~", shop) == 0) }
    }

    @Test("a link in the place of the folder is not followed: nothing is read, written or removed through it")
    func linkedFolder() throws {
        let elsewhere = workshop.path + "/elsewhere"
        let vault = workshop.vault()
        #expect(try vault.text() == "canary")
        #expect(rename(workshop.profiles, elsewhere) == 0 && symlink(elsewhere, workshop.profiles) == 0)
        #expect(throws: VaultError.storeFailed) { try vault.save("newer", generation: 2) }
        #expect(throws: VaultError.storeFailed) { try vault.remove(profile: "shop", provider: "stytch") }
        #expect(names(in: elsewhere) == ["shop.sealed"])
        try expectWaiting {
            #expect(unlink(workshop.profiles) == 0 && rename(elsewhere, workshop.profiles) == 0)
        }
    }

    @Test("a folder that others may write to is not believed; one that they may read is closed to them")
    func openFolder() throws {
        #expect(chmod(workshop.profiles, 0o770) == 0)
        try expectWaiting { #expect(chmod(workshop.profiles, 0o755) == 0) }
        #expect(mode(of: workshop.profiles) == 0o700)
    }

    @Test("a record of a later sessiond is left alone")
    func newerVersion() throws {
        var bytes = try read(workshop.record("shop"))
        let length = try EnvelopeHeader.parse(bytes).length
        bytes[9] = 2
        let sum = checksum(of: bytes[..<(length - 4)])
        for index in 0..<4 { bytes[length - 4 + index] = UInt8(truncatingIfNeeded: sum >> UInt32(24 - 8 * index)) }
        try write(bytes, to: workshop.record("shop"))
        #expect(throws: VaultError.keyUnavailable) { _ = try workshop.vault().text() }
        #expect(try read(workshop.record("shop")) == bytes)
        #expect(workshop.events.contains(.recordTooNew(profile: "shop", version: 2)))
    }

    @Test("there being no record is no error, and removing it twice succeeds")
    func absent() throws {
        let vault = workshop.vault()
        #expect(try vault.text("nobody") == nil)
        try vault.remove(profile: "shop", provider: "stytch")
        try vault.remove(profile: "shop", provider: "stytch")
        #expect(try vault.text() == nil)
        #expect(names(in: workshop.profiles).isEmpty)
    }
}

@Suite("Secrets stay inside")
struct CanaryTests {
    @Test("nothing in the state directory and nothing that is told shows a payload, and no record shows a key")
    func canary() throws {
        let workshop = try Workshop()
        let canary = "canary-4711-refresh-token"
        let vault = workshop.vault()
        try vault.save(canary)
        try vault.save(canary, generation: 2)
        _ = try vault.rotateKey()
        try write(Array("torn".utf8), to: workshop.record("shop"))
        #expect(throws: VaultError.recordCorrupt) { _ = try vault.text() }
        try vault.save(canary, generation: 3)

        let keys = try KeyFileFormat.parse(read(workshop.masterKey))
        let needles = [Array(canary.utf8)] + keys.map { key in key.material.withUnsafeBytes { Array($0) } }
        let files = names(in: workshop.state).map { workshop.state + "/" + $0 }.filter { $0 != workshop.profiles }
        let records = names(in: workshop.profiles).map { workshop.profiles + "/" + $0 }
        #expect(records.count == 2)
        for path in files + records {
            #expect(mode(of: path) == 0o600, "\(path)")
            let bytes = try read(path)
            for needle in needles { #expect(!contains(bytes, needle), "\(path)") }
        }
        #expect(mode(of: workshop.profiles) == 0o700)
        #expect(mode(of: workshop.state) == 0o700)
        let told = workshop.events.map { "\($0) \(String(reflecting: $0))" }.joined()
        #expect(!told.isEmpty && !told.contains(canary))
    }

    func contains(_ bytes: [UInt8], _ needle: [UInt8]) -> Bool {
        bytes.indices.contains { bytes[$0...].starts(with: needle) }
    }
}
