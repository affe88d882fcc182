import Crypto
import Glibc
import SessionCore
import Testing

@testable import SessionVault

@Suite("Where keys come from")
struct KeySourceTests {
    let workshop: Workshop

    init() throws { workshop = try Workshop() }

    var told: [KeyProblem] {
        workshop.events.compactMap { if case .keyUnavailable(let problem) = $0 { problem } else { nil } }
    }

    func id(_ bytes: [UInt8]) -> String { VaultKey(SymmetricKey(data: bytes)).id.description }

    @Test("with no key and nothing sealed a key is made, once, for its owner's eyes only")
    func created() throws {
        #expect(try workshop.vault().text() == nil)
        #expect(mode(of: workshop.masterKey) == 0o600)
        let key = try read(workshop.masterKey)
        try workshop.vault().save("canary")
        #expect(try read(workshop.masterKey) == key)
        #expect(workshop.events.filter { if case .keyCreated = $0 { true } else { false } }.count == 1)
    }

    @Test("the credential comes before the configured file, and that before master.key")
    func order() throws {
        _ = try workshop.vault().text()
        let credential = try workshop.file("credential", keyBytes(1), mode: 0o440)
        let file = try workshop.file("file", keyBytes(2))
        let all = try workshop.vault(KeySources(credential: credential, file: file)).listKeys()
        #expect(all.map(\.place) == [.credential, .file, .stateDirectory])
        #expect(all.map(\.isCurrent) == [true, false, false])
        #expect(all.first?.id == id(keyBytes(1)))
        let two = try workshop.vault(KeySources(credential: workshop.path + "/none", file: file)).listKeys()
        #expect(two.map(\.place) == [.file, .stateDirectory])
    }

    @Test("a record sealed under a lesser source still opens when a better one appears")
    func migration() throws {
        try workshop.vault().save("canary")
        let credential = try workshop.file("credential", keyBytes(1))
        let vault = workshop.vault(KeySources(credential: credential))
        #expect(try vault.text() == "canary")
        try vault.save("newer", generation: 2)
        unlink(workshop.masterKey)
        #expect(try workshop.vault(KeySources(credential: credential)).text() == "newer")
    }

    @Test("a key that the configuration asks for and that is absent is neither made nor replaced by another")
    func required() throws {
        try workshop.vault().save("canary")
        for (sources, place) in [
            (KeySources(file: workshop.path + "/none"), KeyPlace.file),
            (KeySources(file: workshop.path + "/no/folder"), .file),
            (KeySources(credential: workshop.path + "/none", credentialIsRequired: true), .credential),
            (KeySources(credential: nil, credentialIsRequired: true), .credential),
        ] {
            #expect(throws: VaultError.keyUnavailable) { _ = try workshop.vault(sources).text() }
            #expect(throws: VaultError.keyUnavailable) { try workshop.vault(sources).save("newer", generation: 2) }
            #expect(told.last == KeyProblem(place, .absent))
        }
        #expect(!exists(workshop.path + "/none"))
        #expect(try workshop.vault().text() == "canary")
    }

    @Test("sealed state without its key makes no new key, and is there again when the key is")
    func lost() throws {
        try workshop.vault().save("canary")
        let key = try read(workshop.masterKey)
        unlink(workshop.masterKey)
        let vault = workshop.vault()
        for _ in 0..<2 {
            #expect(throws: VaultError.keyUnavailable) { _ = try vault.text() }
            #expect(throws: VaultError.keyUnavailable) { _ = try vault.text("nobody") }
            #expect(throws: VaultError.keyUnavailable) { try vault.save("newer", generation: 2) }
        }
        #expect(told == [KeyProblem(.stateDirectory, .lost)], "told once")
        #expect(names(in: workshop.state) == ["lock", "profiles"])
        try write(key, to: workshop.masterKey)
        #expect(try vault.text() == "canary")
    }

    @Test(
        "a record that was set aside, and a mangled name, are sealed state too",
        arguments: ["shop.sealed.corrupt-1", "shop.sealed~", "x.sealed"])
    func lostWithSetAside(name: String) throws {
        #expect(mkdir(workshop.profiles, 0o700) == 0)
        try write([1], to: workshop.profiles + "/" + name)
        #expect(throws: VaultError.keyUnavailable) { _ = try workshop.vault().text() }
        #expect(!exists(workshop.masterKey))
    }

    @Test("where the records cannot be searched no key is made")
    func unsearchable() throws {
        #expect(symlink(workshop.path + "/nowhere", workshop.profiles) == 0)
        #expect(throws: VaultError.keyUnavailable) { _ = try workshop.vault().text() }
        #expect(told == [KeyProblem(.stateDirectory, .unknownState(.refused(.notFolder)))])
        #expect(!exists(workshop.masterKey))
    }

    @Test("a link in the place of the key is neither followed nor taken for none", arguments: ["key", "nowhere"])
    func link(target: String) throws {
        _ = try workshop.file("key", keyBytes(1))
        #expect(symlink(workshop.path + "/" + target, workshop.masterKey) == 0)
        #expect(throws: VaultError.keyUnavailable) { _ = try workshop.vault().text() }
        #expect(told == [KeyProblem(.stateDirectory, .fault(.refused(.symbolicLink)))])
        #expect(!exists(workshop.path + "/nowhere"))
    }

    @Test(
        "a key that others may read is refused, and taken once it is closed",
        arguments: [0o640, 0o604, 0o644, 0o620, 0o666] as [mode_t])
    func openKey(mode: mode_t) throws {
        try workshop.vault().save("canary")
        #expect(chmod(workshop.masterKey, mode) == 0)
        let vault = workshop.vault()
        #expect(throws: VaultError.keyUnavailable) { _ = try vault.text() }
        #expect(told == [KeyProblem(.stateDirectory, .fault(.refused(.mode(mode))))])
        #expect(chmod(workshop.masterKey, 0o600) == 0)
        #expect(try vault.text() == "canary")
    }

    @Test("somebody else's key is refused", .enabled(if: isRoot, "only root can give files away"))
    func foreignKey() throws {
        _ = try workshop.vault().text()
        #expect(chown(workshop.masterKey, 65534, 65534) == 0)
        #expect(throws: VaultError.keyUnavailable) { _ = try workshop.vault().text() }
        #expect(told == [KeyProblem(.stateDirectory, .fault(.refused(.owner(65534))))])
    }

    @Test(
        "who may own a key and how open it may be",
        arguments: [
            // owner, mode, as master.key, as configured file, as credential; the daemon is uid 1000
            (1000, 0o600, true, true, true), (1000, 0o400, true, true, true), (1000, 0o640, false, false, true),
            (0, 0o400, false, true, true), (0, 0o640, false, true, true), (0, 0o440, false, true, true),
            (0, 0o644, false, false, false), (0, 0o660, false, false, false), (1000, 0o604, false, false, false),
            (2000, 0o600, false, false, false), (2000, 0o400, false, false, false),
        ] as [(UInt32, UInt32, Bool, Bool, Bool)])
    func rules(owner: UInt32, mode: UInt32, own: Bool, configured: Bool, credential: Bool) {
        let status = FileStatus(
            kind: .regular, owner: owner, mode: mode, size: 32,
            identity: FileIdentity(device: 1, inode: 1, size: 32, modifiedSeconds: 0, modifiedNanoseconds: 0))
        let believed = [KeyPlace.stateDirectory, .file, .credential].map {
            FileRules(for: $0).refusal(of: status, user: 1000) == nil
        }
        #expect(believed == [own, configured, credential])
    }

    @Test("a file that is no key file is told without a word of it")
    func malformed() throws {
        let file = try workshop.file("file", Array("hunter2 hunter2".utf8))
        #expect(throws: VaultError.keyUnavailable) { _ = try workshop.vault(KeySources(file: file)).text() }
        #expect(told == [KeyProblem(.file, .malformed(.unrecognized))])
        #expect(!"\(workshop.events)\(workshop.events.map(\.description))".contains("hunter2"))
    }

    @Test("a record of a second key opens; of a missing one it waits, names it, and opens when the key comes")
    func secondKey() throws {
        let (one, two) = (keyBytes(1), keyBytes(2))
        let file = try workshop.file("file", one)
        try workshop.vault(KeySources(file: file)).save("canary")
        func line(_ key: [UInt8]) -> String { KeyFileFormatTests.base64(key) + "\n" }

        try write(Array("sessiond-key v1\n\(line(two))".utf8), to: file)
        let vault = workshop.vault(KeySources(file: file))
        #expect(throws: VaultError.keyUnavailable) { _ = try vault.text() }
        let missing = VaultKey(SymmetricKey(data: one)).id
        #expect(workshop.events.contains(.keyMissing(profile: "shop", key: missing)))
        #expect(names(in: workshop.profiles) == ["shop.sealed"])
        #expect(try vault.listKeys().last == KeyInfo(id: id(one), place: nil, isCurrent: false, records: 1))

        try write(Array("sessiond-key v1\n\(line(two))\(line(one))".utf8), to: file)
        #expect(try vault.text() == "canary")
        try vault.save("newer", generation: 2)
        try write(two, to: file)
        #expect(try workshop.vault(KeySources(file: file)).text() == "newer")
    }

    @Test("master.key that vanishes while the daemon runs is written back before anything is sealed under it")
    func putBack() throws {
        let vault = workshop.vault()
        try vault.save("canary")
        let key = try read(workshop.masterKey)
        unlink(workshop.masterKey)
        try vault.save("newer", generation: 2)
        #expect(try read(workshop.masterKey) == key)
        #expect(workshop.events.contains(.keyPutBack))
        #expect(try workshop.vault().text() == "newer")
    }

    @Test("a configured key that vanishes while the daemon runs stops saves: nothing is sealed under a lost key")
    func configuredKeyGone() throws {
        let file = try workshop.file("file", keyBytes(1))
        let vault = workshop.vault(KeySources(file: file))
        try vault.save("canary")
        unlink(file)
        #expect(throws: VaultError.keyUnavailable) { try vault.save("newer", generation: 2) }
        #expect(try vault.text() == "canary")
        try write(keyBytes(1), to: file)
        try vault.save("newer", generation: 2)
        #expect(try workshop.vault(KeySources(file: file)).text() == "newer")
    }

    @Test("a key file that is exchanged while the daemon runs is used at the next save; older records still open")
    func exchangedKey() throws {
        let file = try workshop.file("file", keyBytes(1))
        let vault = workshop.vault(KeySources(file: file))
        try vault.save("canary")
        try vault.save("other", profile: "till")
        unlink(file)
        try write(keyBytes(2), to: file)
        try vault.save("newer", generation: 2)
        #expect(try vault.text("till") == "other")
        let restarted = workshop.vault(KeySources(file: file))
        #expect(try restarted.text() == "newer")
        #expect(throws: VaultError.keyUnavailable) { _ = try restarted.text("till") }
    }

    @Test("of many who make the key at once one wins, and all use its key")
    func race() async throws {
        for _ in 0..<20 {
            let workshop = try Workshop()
            let records = RecordFolder(directory: workshop.directory, files: LinuxFiles())
            let store = KeyStore(
                sources: KeySources(), directory: workshop.directory, records: records, files: LinuxFiles())
            let loaded = try await withThrowingTaskGroup { group in
                for _ in 0..<8 { group.addTask { try store.load() } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(loaded.map(\.ring.current.key.id)).count == 1)
            #expect(loaded.filter { $0.created != nil }.count == 1)
            #expect(names(in: workshop.state) == ["lock", "master.key"])
        }
    }
}
