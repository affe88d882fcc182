import SessionCore
import Testing

@testable import SessionVault

/// A key as tests look at it.
struct KeyInfo: Hashable {
    let id: String
    /// Nil for a key that records need and no source has.
    let place: KeyPlace?
    let isCurrent: Bool
    /// How many records are sealed under it.
    let records: Int
}

extension SealedFileVault {
    /// Every key at hand, the current one first, then those that records need and nobody has.
    func listKeys() throws -> [KeyInfo] {
        let ring = try locked { state throws(VaultError) -> KeyRing in try self.ring(&state) }
        var counts: [String: Int] = [:]
        let survey = try #require(try RecordSurvey.of(stateDirectory: keys.directory.path))
        for entry in survey.entries where !entry.isSetAside {
            if case .sealed(_, _, _, let key) = entry.contents { counts[key, default: 0] += 1 }
        }
        let known = ring.entries.map { entry in
            KeyInfo(
                id: entry.key.id.description, place: entry.place, isCurrent: entry.key.id == ring.current.key.id,
                records: counts.removeValue(forKey: entry.key.id.description) ?? 0)
        }
        return known
            + counts.map { KeyInfo(id: $0.key, place: nil, isCurrent: false, records: $0.value) }
            .sorted { $0.id < $1.id }
    }

    /// What `sessionctl key rotate` does to `master.key`, on this vault's disk, and the daemon's answer to it.
    func rotateKey() throws -> ResealingReport {
        try KeysByHand.rotate(keys.directory.path + "/master.key", files: keys.files)
        return try resealRecords()
    }
}

enum KeysByHand {
    static func isBusy(_ path: String) throws -> Bool {
        guard let _ = try AdministeredFile(path).hold() else { return true }
        return false
    }

    static func rotate(_ path: String, files: any FileOperations = LinuxFiles()) throws {
        guard let held = try AdministeredFile(path, files: files).hold() else { throw Busy() }
        let rotated = try KeyFileContents(held.bytes).rotated().encoded
        try held.replace(with: rotated)
    }

    struct Busy: Error {}
}
