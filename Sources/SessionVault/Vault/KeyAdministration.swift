import Crypto
import SessionCore

/// A key as an administrator sees it.
package struct KeyInfo: Sendable, Hashable {
    /// 8 hexadecimal digits.
    package let id: String
    /// Nil for a key that records need and no source has.
    package let place: KeyPlace?
    package let isCurrent: Bool
    /// How many records are sealed under it.
    package let records: Int
}

/// What a rotation, or a re-sealing, came to.
package struct ResealingReport: Sendable, Hashable {
    package let currentKey: String
    /// Profiles whose records were sealed anew.
    package var resealed: [String] = []
    /// Profiles whose records could not be opened. They stay as they are.
    package var untouched: [String] = []
    /// Keys that left the key file because nothing needs them.
    package var retired: [String] = []
    /// Older keys that stay in the key file because a record or a file that was set aside may need them.
    package var kept: [String] = []
}

/// Why a key command failed. What was done before it is whole, and the command can be given again.
package enum KeyAdministrationError: Error, Sendable, Hashable, CustomStringConvertible {
    case keyUnavailable
    /// The current key comes from where the daemon does not write.
    case readOnlySource(KeyPlace)
    case storeFailed(FileFault)

    package var description: String {
        switch self {
        case .keyUnavailable: "there is no key to work with"
        case .readOnlySource(.credential):
            """
            the current key is a credential, which only the service manager can replace: write a key file with a new \
            key on its first line and the old one after it, make it the credential, restart, then reseal
            """
        case .readOnlySource:
            """
            the key file is not the daemon's to replace: put a new key on its first line, before the old one, \
            restart, then reseal; or give the file to the daemon's user with mode 0600
            """
        case .storeFailed(let fault): "the disk refused (\(fault)): mend it and give the command again"
        }
    }
}

extension SealedFileVault {
    /// Every key at hand, the current one first, then those that records need and nobody has.
    package func listKeys() throws(KeyAdministrationError) -> [KeyInfo] {
        try locked { state throws(KeyAdministrationError) in
            let ring = try administered { () throws(VaultError) -> KeyRing in try self.ring(&state) }
            var counts: [KeyID: Int] = [:]
            for file in try list() {
                if case .record = file, let header = try header(of: file) { counts[header.keyID, default: 0] += 1 }
            }
            let known = ring.entries.map { entry in
                KeyInfo(
                    id: entry.key.id.description, place: entry.place, isCurrent: entry.key.id == ring.current.key.id,
                    records: counts.removeValue(forKey: entry.key.id) ?? 0)
            }
            let missing = counts.map {
                KeyInfo(id: $0.key.description, place: nil, isCurrent: false, records: $0.value)
            }
            return known + missing.sorted { $0.id < $1.id }
        }
    }

    /// Makes a new key current, seals every record under it and drops the older keys that nothing needs any more.
    ///
    /// The new key is durable before anything is sealed under it and the old ones leave last, so that a crash at any
    /// point leaves every record with its key.
    package func rotateKey() throws(KeyAdministrationError) -> ResealingReport {
        try locked { state throws(KeyAdministrationError) in
            let ring = try administered { () throws(VaultError) -> KeyRing in try ringForSealing(&state) }
            let place = ring.current.place
            var key = VaultKey(SymmetricKey(size: .bits256))
            while ring[key.id] != nil { key = VaultKey(SymmetricKey(size: .bits256)) }
            try keys.replace(place, with: [key] + ring.keys(from: place))
            _ = try administered { () throws(VaultError) -> KeyRing in try reload(&state) }
            return try reseal(&state)
        }
    }

    /// Seals every record under the current key: after the administrator has put a new one first in a key file that
    /// the daemon does not write, or after a rotation that stopped half-way.
    package func resealRecords() throws(KeyAdministrationError) -> ResealingReport {
        try locked { state throws(KeyAdministrationError) in
            _ = try administered { () throws(VaultError) -> KeyRing in try reload(&state) }
            return try reseal(&state)
        }
    }

    private func reseal(_ state: inout VaultState) throws(KeyAdministrationError) -> ResealingReport {
        let ring = try administered { () throws(VaultError) -> KeyRing in try ringForSealing(&state) }
        var report = ResealingReport(currentKey: ring.current.key.id.description)
        for case .record(let profile) in try list() {
            switch try resealed(profile, with: ring, state) {
            case .upToDate: break
            case .cannotOpen: report.untouched.append(profile.text)
            case .resealed(let sealed):
                do {
                    try store(sealed, of: profile, &state)
                } catch {
                    throw .storeFailed(error)
                }
                report.resealed.append(profile.text)
            }
        }
        try retire(with: ring, &report, &state)
        return report
    }

    private enum Resealing {
        case upToDate
        case cannotOpen
        case resealed(SealedEnvelope.Sealed)
    }

    /// The generation stays: it is the keeper's.
    private func resealed(
        _ profile: VaultName, with ring: KeyRing, _ state: VaultState
    ) throws(KeyAdministrationError) -> Resealing {
        guard let file = try contents(of: .record(profile)) else { return .cannotOpen }
        do throws(EnvelopeError) {
            let header = try EnvelopeHeader.parse(file).header
            var opened = try SealedEnvelope.open(file, profile: profile, provider: header.provider, keys: ring)
            defer { wipe(&opened.record.payload) }
            // A file that was put here behind the vault's back is for the next load to set aside.
            guard state.expects(opened.mark, of: profile) else { return .cannotOpen }
            guard header.keyID != ring.current.key.id else { return .upToDate }
            return .resealed(
                try SealedEnvelope.seal(
                    opened.record, profile: profile, provider: header.provider, key: ring.current.key))
        } catch {
            return .cannotOpen
        }
    }

    /// Drops from the current key's file the older keys that no file needs. One whose header cannot be read may need
    /// any of them.
    private func retire(
        with ring: KeyRing, _ report: inout ResealingReport, _ state: inout VaultState
    ) throws(KeyAdministrationError) {
        let place = ring.current.place
        let older = ring.keys(from: place).dropFirst()
        guard place != .credential, !older.isEmpty else { return }
        var needed: Set<KeyID> = []
        for file in try list() {
            guard let header = try header(of: file) else {
                needed = Set(older.map(\.id))
                break
            }
            needed.insert(header.keyID)
        }
        let kept = older.filter { needed.contains($0.id) }
        report.kept = kept.map(\.id.description)
        guard kept.count < older.count else { return }
        do {
            try keys.replace(place, with: [ring.current.key] + kept)
        } catch .readOnlySource {
            report.kept = older.map(\.id.description)
            return
        }
        report.retired = older.filter { !needed.contains($0.id) }.map(\.id.description)
        state.ring = nil
        _ = try administered { () throws(VaultError) -> KeyRing in try reload(&state) }
    }

    private func list() throws(KeyAdministrationError) -> [RecordFile] {
        do { return try records.list() } catch { throw .storeFailed(error) }
    }

    /// Nil for what cannot be a record of ours, such as a link.
    private func contents(of file: RecordFile) throws(KeyAdministrationError) -> [UInt8]? {
        do {
            return try records.read(file)
        } catch {
            if case .refused = error { return nil }
            throw .storeFailed(error)
        }
    }

    private func header(of file: RecordFile) throws(KeyAdministrationError) -> EnvelopeHeader? {
        guard let bytes = try contents(of: file) else { return nil }
        let parsed = Result { () throws(EnvelopeError) in try EnvelopeHeader.parse(bytes) }
        return (try? parsed.get())?.header
    }

    private func administered<Answer>(
        _ body: () throws(VaultError) -> Answer
    ) throws(KeyAdministrationError) -> Answer {
        do { return try body() } catch { throw .keyUnavailable }
    }
}
