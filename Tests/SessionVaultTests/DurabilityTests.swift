import Glibc
import SessionCore
import Testing

@testable import SessionVault

@Suite("The disk may fail, or the process die, at any operation")
struct DurabilityTests {
    static let faults: [FaultyFiles.Fault] = [
        .refuse(EIO), .refuse(ENOSPC), .refuse(EROFS), .refuse(EDQUOT), .refuse(EACCES), .refuse(EMFILE), .die,
    ]

    @Test("a save that throws leaves the old record and one that returns the new one", arguments: faults)
    func save(fault: FaultyFiles.Fault) throws {
        let operations = try failEveryOperation(with: fault) { workshop in
            try workshop.vault().save("old")
        } act: { vault in
            #expect(try vault.text() == "old")
            try vault.save("new", generation: 2)
        } check: { run in
            let found = try run.workshop.vault().text()
            // A dead disk cannot take a rename back whose fsync has failed: then either is right, whole.
            let expected = run.error == nil ? ["new"] : fault == .die ? ["old", "new"] : ["old"]
            #expect(expected.contains(found ?? ""), "\(run.operation) at \(run.position): \(found ?? "none")")
            #expect(names(in: run.workshop.profiles) == ["shop.sealed"], "\(run.operation) at \(run.position)")
        }
        #expect(operations > 20)
    }

    @Test(
        "after a save that threw the same vault reads the old record and can save again", arguments: faults.dropLast())
    func goingOn(fault: FaultyFiles.Fault) throws {
        try failEveryOperation(with: fault) { workshop in
            try workshop.vault().save("old")
        } act: { vault in
            try vault.save("new", generation: 2)
        } check: { run in
            #expect(try run.vault.text() == (run.error == nil ? "new" : "old"), "\(run.operation) at \(run.position)")
            try run.vault.save("newer", generation: 3)
            #expect(try run.workshop.vault().text() == "newer")
        }
    }

    @Test("without hard links a save still works, and one that throws leaves either record, which the same vault reads")
    func withoutLinks() throws {
        try failEveryOperation(with: .refuse(EIO), without: [.link: EPERM]) { workshop in
            try workshop.vault().save("old")
        } act: { vault in
            let found = try vault.text()
            #expect(found == "old")
            try vault.save("new", generation: 2)
        } check: { run in
            let found = try run.workshop.vault().text()
            #expect(run.error == nil ? found == "new" : ["old", "new"].contains(found), "\(run.operation)")
            let same = try run.vault.text()
            #expect(same == found, "\(run.operation) at \(run.position)")
        }
    }

    @Test("without RENAME_NOREPLACE a name that is taken is refused all the same")
    func withoutRenameNoReplace() throws {
        let files = LinuxFiles { _, _ in
            errno = EINVAL
            return -1
        }
        let workshop = try Workshop()
        try workshop.vault(files: files).save("old")
        for number in 1...2 {
            try write([UInt8(number)], to: workshop.record("shop"))
            #expect(throws: VaultError.recordCorrupt) { _ = try workshop.vault(files: files).text() }
            #expect(try read(workshop.profiles + "/shop.sealed.corrupt-\(number)") == [UInt8(number)])
        }
        #expect(names(in: workshop.profiles) == ["shop.sealed.corrupt-1", "shop.sealed.corrupt-2"])
        #expect(names(in: workshop.state) == ["lock", "master.key", "profiles"])
    }

    @Test("a first save that throws leaves no record, and no key that anything depends on", arguments: faults)
    func firstSave(fault: FaultyFiles.Fault) throws {
        try failEveryOperation(with: fault) { _ in
        } act: { vault in
            try vault.save("first")
        } check: { run in
            let found = try run.workshop.vault().text()
            let expected = run.error == nil ? ["first"] : fault == .die ? [nil, "first"] : [nil]
            #expect(expected.contains(found), "\(run.operation) at \(run.position)")
            try run.workshop.vault().save("second", generation: 2)
            #expect(try run.workshop.vault().text() == "second")
        }
    }

    @Test("a removal that throws leaves the record", arguments: faults)
    func removal(fault: FaultyFiles.Fault) throws {
        try failEveryOperation(with: fault) { workshop in
            try workshop.vault().save("old")
        } act: { vault in
            try vault.remove(profile: "shop", provider: "stytch")
        } check: { run in
            let found = try run.workshop.vault().text()
            let expected = run.error == nil ? [nil] : fault == .die ? [nil, "old"] : ["old"]
            #expect(expected.contains(found), "\(run.operation) at \(run.position)")
            #expect(names(in: run.workshop.profiles).allSatisfy { $0 == "shop.sealed" })
        }
    }

    @Test("a load that throws says that it must wait, and changes nothing", arguments: faults)
    func load(fault: FaultyFiles.Fault) throws {
        try failEveryOperation(with: fault) { workshop in
            try workshop.vault().save("old")
        } act: { vault in
            let found = try vault.text()
            #expect(found == "old")
        } check: { run in
            if let error = run.error { #expect(error as? VaultError == .keyUnavailable) }
            let found = try run.workshop.vault().text()
            #expect(found == "old", "\(run.operation) at \(run.position)")
        }
    }

    @Test("a damaged record is never lost on its way aside", arguments: faults)
    func settingAside(fault: FaultyFiles.Fault) throws {
        let torn = Array("sessiond, torn".utf8)
        try failEveryOperation(with: fault) { workshop in
            try workshop.vault().save("old")
            try write(torn, to: workshop.record("shop"))
        } act: { vault in
            do {
                _ = try vault.text()
                Issue.record("a torn record was opened")
            } catch VaultError.recordCorrupt {
                // This is the answer of a run without failures.
            }
        } check: { run in
            if let error = run.error { #expect(error as? VaultError == .keyUnavailable) }
            let kept = names(in: run.workshop.profiles)
            #expect(kept == ["shop.sealed"] || kept == ["shop.sealed.corrupt-1"], "\(run.operation) at \(run.position)")
            let bytes = try read(run.workshop.profiles + "/" + (kept.first ?? ""))
            #expect(bytes == torn)
            if run.error == nil { #expect(kept == ["shop.sealed.corrupt-1"]) }
        }
    }

    @Test("the file is synced before it gets its name and the folder after, before anything old goes")
    func order() throws {
        let workshop = try Workshop()
        let first = FaultyFiles()
        try workshop.vault(files: first).save("first")
        let keyAndRecord = first.asked.filter { ![.openFolder, .open, .status, .read, .list, .write].contains($0) }
        #expect(
            keyAndRecord == [
                .create, .sync, .renameNoReplace, .sync,  // the key
                .sync, .sync,  // the key, as it is read back, and its folder
                .makeFolder, .sync,
                .create, .sync, .link, .rename, .sync,
            ])
        let second = FaultyFiles()
        let vault = workshop.vault(files: second)
        _ = try vault.text()
        let before = second.asked.count
        try vault.save("second", generation: 2)
        let save = second.asked[before...].drop { $0 != .create }
        #expect(save.filter { $0 != .write } == [.create, .sync, .link, .rename, .sync, .unlink])
        let beforeRemoval = second.asked.count
        try vault.remove(profile: "shop", provider: "stytch")
        #expect(second.asked[beforeRemoval...].drop { $0 != .rename } == [.rename, .sync, .unlink])
    }

    @Test("a full device is told as ENOSPC")
    func fullDevice() throws {
        let number = Glibc.open("/dev/full", O_WRONLY)
        try #require(number >= 0)
        let device = FileDescriptor(owning: number)
        let failure = FileFailure(.write, code: ENOSPC)
        let result = [UInt8](repeating: 1, count: 64).withUnsafeBytes { bytes in
            Result { () throws(FileFailure) in try LinuxFiles().write(bytes, to: device) }
        }
        #expect(throws: failure) { _ = try result.get() }
        #expect(failure.description == "write: No space left on device (errno 28)")
    }

    @Test("a disk that refuses is told with the profile and the reason")
    func event() throws {
        let workshop = try Workshop()
        try workshop.vault().save("old")
        let healthy = FaultyFiles()
        try workshop.vault(files: healthy).save("old")
        let position = try #require(healthy.asked.firstIndex(of: .write))
        let vault = workshop.vault(files: FaultyFiles(.refuse(ENOSPC), at: position))
        #expect(throws: VaultError.storeFailed) { try vault.save("new", generation: 2) }
        let fault = FileFault.failure(FileFailure(.write, code: ENOSPC))
        #expect(workshop.events.contains(.storeFailed(profile: "shop", fault: fault)))
    }

    @Test("what a crash left half-written is swept up at the next start, and nothing else is")
    func leftovers() throws {
        let workshop = try Workshop()
        try workshop.vault().save("old")
        let strange = [
            ".shop.sealed.tmp-short", "notes.txt", ".hidden", "shop.sealed.corrupt-1", "x.tmp-0123456789abcdef",
        ]
        for name in strange + [".shop.sealed.tmp-0123456789abcdef"] {
            try write([1], to: workshop.profiles + "/" + name)
        }
        try write([1], to: workshop.state + "/.master.key.tmp-00000000000000ff")
        #expect(try workshop.vault().text() == "old")
        #expect(names(in: workshop.profiles) == (strange + ["shop.sealed"]).sorted())
        #expect(names(in: workshop.state) == ["lock", "master.key", "profiles"])
        #expect(workshop.events.contains(.leftoversRemoved(count: 2)))
    }
}
