import Glibc
import SessionCore
import Testing

@testable import SessionVault

@Suite("Rotation of keys")
struct KeyRotationTests {
    static let profiles = ["a", "b", "c"]

    static func prepare(_ workshop: Workshop) throws {
        let vault = workshop.vault()
        for profile in profiles { try vault.save("of \(profile)", generation: 7, profile: profile) }
    }

    static func expectAll(_ vault: SealedFileVault, _ comment: Comment) throws {
        for profile in profiles { #expect(try vault.text(profile) == "of \(profile)", comment) }
    }

    @Test("every record is sealed anew under a new key, generations stay, and the old key goes")
    func rotation() throws {
        let workshop = try Workshop()
        try Self.prepare(workshop)
        let vault = workshop.vault()
        let old = try #require(vault.listKeys().first)
        #expect(old.records == 3 && old.isCurrent && old.place == .stateDirectory)
        let report = try vault.rotateKey()
        #expect(report.resealed == Self.profiles && report.untouched.isEmpty)
        #expect(report.retired == [old.id] && report.kept.isEmpty)
        #expect(
            try vault.listKeys() == [
                KeyInfo(id: report.currentKey, place: .stateDirectory, isCurrent: true, records: 3)
            ])
        try Self.expectAll(vault, "the same vault")
        try Self.expectAll(workshop.vault(), "a new vault")
        #expect(try workshop.vault().load(profile: "a", provider: "stytch")?.generation == 7)
        #expect(!String(decoding: try read(workshop.masterKey), as: UTF8.self).contains(old.id))
        #expect(mode(of: workshop.masterKey) == 0o600)
        try vault.save("newer", generation: 8, profile: "a")
        #expect(try workshop.vault().text("a") == "newer")
    }

    @Test(
        "stopped at any operation, every record still opens, and a second rotation ends it",
        arguments: DurabilityTests.faults)
    func stopped(fault: FaultyFiles.Fault) throws {
        let operations = try failEveryOperation(with: fault, prepare: Self.prepare) { vault in
            _ = try vault.rotateKey()
        } check: { run in
            try Self.expectAll(run.workshop.vault(), "\(run.operation) at \(run.position)")
            if fault != .die { try Self.expectAll(run.vault, "the same vault: \(run.operation) at \(run.position)") }
            let vault = run.workshop.vault()
            let report = try vault.rotateKey()
            #expect(report.kept.isEmpty && report.untouched.isEmpty)
            #expect(try vault.listKeys().count == 1)
            try Self.expectAll(run.workshop.vault(), "after the second rotation")
            #expect(names(in: run.workshop.profiles) == Self.profiles.map { $0 + ".sealed" })
            #expect(names(in: run.workshop.state) == ["lock", "master.key", "profiles"])
        }
        #expect(operations > 60)
    }

    @Test("a rotation that stopped half-way is ended by resealing, without another key")
    func resumed() throws {
        let workshop = try Workshop()
        try Self.prepare(workshop)
        let healthy = FaultyFiles()
        let rehearsal = try Workshop()
        try Self.prepare(rehearsal)
        _ = try rehearsal.vault(files: healthy).rotateKey()
        // The second record's rename, after those of the key file and the first record.
        let renames = healthy.asked.indices.filter { healthy.asked[$0] == .rename }
        let vault = workshop.vault(files: FaultyFiles(.die, at: renames[2]))
        #expect(throws: ResealingError.storeFailed(.failure(FileFailure(.rename, code: EIO)))) {
            _ = try vault.rotateKey()
        }
        let restarted = workshop.vault()
        #expect(try restarted.listKeys().map(\.records) == [1, 2])
        let report = try restarted.resealRecords()
        #expect(report.resealed == ["b", "c"] && report.retired.count == 1)
        #expect(try restarted.listKeys().map(\.records) == [3])
        try Self.expectAll(restarted, "after resealing")
    }

    @Test("a record that cannot be opened stays as it is, and so does the key that it may need")
    func untouched() throws {
        let workshop = try Workshop()
        try Self.prepare(workshop)
        let old = try #require(workshop.vault().listKeys().first).id
        var bytes = try read(workshop.record("b"))
        bytes[bytes.count - 1] ^= 1
        try write(bytes, to: workshop.record("b"))
        let report = try workshop.vault().rotateKey()
        #expect(report.resealed == ["a", "c"] && report.untouched == ["b"])
        #expect(report.kept == [old] && report.retired.isEmpty)
        #expect(try read(workshop.record("b")) == bytes)
    }

    @Test("a key stays as long as a file that was set aside may need it")
    func setAside() throws {
        let workshop = try Workshop()
        try Self.prepare(workshop)
        let old = try #require(workshop.vault().listKeys().first).id
        #expect(throws: VaultError.recordCorrupt) { _ = try workshop.vault().load(profile: "b", provider: "agnost") }
        let vault = workshop.vault()
        #expect(try vault.rotateKey().kept == [old])
        unlink(workshop.profiles + "/b.sealed.corrupt-1")
        #expect(try vault.resealRecords().retired == [old])
    }

    @Test("a file put in place of a record behind the vault's back is not sealed anew")
    func planted() throws {
        let workshop = try Workshop()
        try Self.prepare(workshop)
        let vault = workshop.vault()
        let old = try read(workshop.record("a"))
        try vault.save("newer", generation: 8, profile: "a")
        try write(old, to: workshop.record("a"))
        #expect(try vault.rotateKey().untouched == ["a"])
        #expect(throws: VaultError.recordCorrupt) { _ = try vault.text("a") }
    }

    @Test("a credential is read and never written: a new key before the old one, then resealing, frees the old one")
    func credential() throws {
        let workshop = try Workshop()
        let credential = try workshop.file("credential", keyBytes(1), mode: 0o400)
        let sources = KeySources(credential: credential)
        try workshop.vault(sources).save("of a", profile: "a")
        let both = try KeyFileContents(keyBytes(1)).rotated()
        unlink(credential)
        try write(both.encoded, to: credential, mode: 0o400)
        let report = try workshop.vault(sources).resealRecords()
        #expect(report.resealed == ["a"] && report.retired.isEmpty && report.kept == [both.ids[1]])
        #expect(try read(credential) == both.encoded)
        try write(both.keeping([]).encoded, to: credential)
        #expect(try workshop.vault(sources).text("a") == "of a")
    }

    @Test("the old key leaves a configured file that is the daemon's own, and stays in one that has other readers")
    func configuredFile() throws {
        let workshop = try Workshop()
        let file = try workshop.file("file", keyBytes(1))
        let vault = workshop.vault(KeySources(file: file))
        try vault.save("of a", profile: "a")
        try KeysByHand.rotate(file)
        #expect(try vault.resealRecords().retired.count == 1)
        #expect(try workshop.vault(KeySources(file: file)).text("a") == "of a")
        #expect(mode(of: file) == 0o600)
        if isRoot {
            #expect(chmod(file, 0o640) == 0)
            try KeysByHand.rotate(file)
            let report = try vault.resealRecords()
            #expect(report.resealed == ["a"] && report.retired.isEmpty && report.kept.count == 1)
            #expect(mode(of: file) == 0o640)
        }
    }

    @Test("a key that is put there while the daemon takes old ones out is not lost")
    func overtaken() throws {
        let workshop = try Workshop()
        try Self.prepare(workshop)
        try KeysByHand.rotate(workshop.masterKey)
        let vault = workshop.vault()
        // The tool holds the file: the daemon leaves it alone, and takes the key out the next time.
        do {
            guard let held = try AdministeredFile(workshop.masterKey).hold() else { throw KeysByHand.Busy() }
            let report = try vault.resealRecords()
            #expect(report.resealed == Self.profiles && report.retired.isEmpty && report.kept.count == 1)
            #expect(throws: Never.self) { try vault.save("newer", generation: 8, profile: "a") }
            #expect(try KeysByHand.isBusy(workshop.masterKey))
            let rotated = try KeyFileContents(held.bytes).rotated().encoded
            try held.replace(with: rotated)
        }
        let report = try vault.resealRecords()
        #expect(report.resealed == Self.profiles && report.retired.count == 2)
        #expect(try workshop.vault().listKeys().map(\.records) == [3])
    }

    @Test("the state directory tells which key its daemon seals with, and an earlier daemon's word does not count")
    func announced() throws {
        let workshop = try Workshop()
        func announced() throws -> String? {
            try #require(try RecordSurvey.of(stateDirectory: workshop.state)).sealsUnder
        }
        #expect(try announced() == nil)
        let vault = workshop.vault()
        try vault.save("of a", profile: "a")
        let first = try #require(vault.listKeys().first).id
        #expect(try announced() == first)
        try KeysByHand.rotate(workshop.masterKey)
        #expect(try announced() == first)
        // The next save finds the new key without being told.
        try vault.save("newer", generation: 8, profile: "a")
        #expect(try announced() == vault.listKeys().first?.id && announced() != first)
        try write(Array("key 1234\n".utf8), to: workshop.state + "/lock")
        #expect(try announced() == nil)
    }

    @Test("a survey names each record's key without a key, and says of which files it cannot tell")
    func survey() throws {
        let workshop = try Workshop()
        try Self.prepare(workshop)
        let key = try #require(workshop.vault().listKeys().first).id
        #expect(throws: VaultError.recordCorrupt) { _ = try workshop.vault().load(profile: "b", provider: "agnost") }
        unlink(workshop.masterKey)
        let whole = try #require(try RecordSurvey.of(stateDirectory: workshop.state))
        #expect(whole.entries.map(\.file) == ["a.sealed", "b.sealed.corrupt-1", "c.sealed"])
        #expect(whole.entries.map(\.isSetAside) == [false, true, false])
        #expect(
            whole.entries[0].contents == .sealed(profile: "a", provider: "stytch", generation: 7, key: key))
        #expect(whole.neededKeys == [key])
        try write([1, 2, 3], to: workshop.record("a"))
        let damaged = try #require(try RecordSurvey.of(stateDirectory: workshop.state))
        #expect(damaged.entries[0].contents == .unreadable(why: "is damaged"))
        #expect(damaged.neededKeys == nil)
        #expect(try RecordSurvey.of(stateDirectory: workshop.path + "/none") == nil)
    }

    @Test("without a key there is nothing to seal anew with")
    func noKey() throws {
        let vault = try Workshop().vault(KeySources(file: "/nonexistent/key"))
        #expect(throws: ResealingError.keyUnavailable) { _ = try vault.resealRecords() }
    }

    @Test("saves, loads and rotations from many sides at once lose nothing")
    func concurrent() async throws {
        let workshop = try Workshop()
        let vault = workshop.vault()
        let rounds: UInt64 = 15
        try await withThrowingTaskGroup { group in
            for number in 0..<6 {
                group.addTask {
                    for generation in 1...rounds {
                        try vault.save("\(generation)", generation: generation, profile: "p\(number)")
                        #expect(try vault.text("p\(number)") == "\(generation)")
                    }
                }
            }
            group.addTask { for _ in 0..<8 { _ = try vault.rotateKey() } }
            try await group.waitForAll()
        }
        let restarted = workshop.vault()
        for number in 0..<6 { #expect(try restarted.text("p\(number)") == "\(rounds)") }
        #expect(try restarted.rotateKey().untouched.isEmpty)
        #expect(try restarted.listKeys().map(\.records) == [6])
    }
}
