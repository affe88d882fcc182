import Glibc
import SessionCore
import Testing

@testable import SessionVault

@Suite("The disk may fail or the process die at any operation")
struct DurabilityTests {
    static let faults: [FaultyFiles.Fault] = [
        .refuse(EIO), .refuse(ENOSPC), .refuse(EROFS), .refuse(EDQUOT), .refuse(EACCES), .refuse(EMFILE), .die,
    ]

    @Test("a save that fails leaves the old record, whole, and no litter", arguments: faults)
    func failedSave(fault: FaultyFiles.Fault) throws {
        try everyPosition(of: .save, fault) { workshop, vault, position in
            let error = #expect(throws: VaultError.self) { try vault.save("new", generation: 2) }
            guard let error else { return }
            #expect([.storeFailed, .keyUnavailable].contains(error))
            // A dead disk cannot take back a rename whose fsync failed: then either record is right.
            let found = try workshop.vault().text()
            #expect(fault == .die ? ["old", "new"].contains(found) : found == "old", "at \(position)")
            #expect(try vault.text() == found || fault == .die, "the same vault reads what a new one reads")
            #expect(names(in: workshop.profiles) == ["shop.sealed"], "at \(position)")
        }
    }
}
