import Crypto
import SessionCore

/// What a re-sealing came to.
package struct ResealingReport: Sendable, Hashable {
    package let currentKey: String
    /// Profiles whose records were sealed anew.
    package var resealed: [String] = []
    /// Profiles whose records are under another key and could not be opened. They stay as they are.
    package var untouched: [String] = []
    /// Keys that left the key file because nothing needs them.
    package var retired: [String] = []
    /// Older keys that stay in the place of the current one: a file may need them, or the place is not the daemon's.
    package var kept: [String] = []
}

/// Why a re-sealing stopped. What was done before it is whole, and it goes on when it is asked for again.
package enum ResealingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// There is no key to seal with, of which the vault has told.
    case keyUnavailable
    case storeFailed(FileFault)

    package var description: String {
        switch self {
        case .keyUnavailable: "there is no key to seal with"
        case .storeFailed(let fault): "the disk refused (\(fault))"
        }
    }
}

extension SealedFileVault {
    /// Reads the keys again and seals every record under the current one, as is needed after an administrator has put a
    /// new key before the old one. Then drops from the current key's file, where it is the daemon's, the older keys
    /// that nothing needs any more.
    ///
    /// The new key is durable before anything is sealed under it, each record is replaced whole, and the old keys leave
    /// last, so that a crash at any point leaves every record with its key. Saves and loads come in between two
    /// records. Blocks on the disk.
    package func resealRecords() throws(ResealingError) -> ResealingReport {
        var report = try locked { state throws(ResealingError) in
            _ = try keyed { () throws(VaultError) -> KeyRing in try self.reload(&state) }
            let ring = try keyed { () throws(VaultError) -> KeyRing in try self.ringForSealing(&state) }
            return ResealingReport(currentKey: ring.current.key.id.description)
        }
        for case .record(let profile) in try list() {
            switch try locked({ state throws(ResealingError) in try self.reseal(profile, &state) }) {
            case .upToDate: break
            case .cannotOpen: report.untouched.append(profile.text)
            case .resealed: report.resealed.append(profile.text)
            }
        }
        // The old keys must not be needed for what a service manager keeps either.
        locked { state in self.resealImage(&state) }
        bringImage()
        let (retired, kept) = try locked { state throws(ResealingError) in try self.retire(&state) }
        report.retired = retired
        report.kept = kept
        return report
    }

    private enum Resealing: Sendable {
        case upToDate, cannotOpen, resealed
    }

    /// The generation stays: it is the keeper's.
    private func reseal(_ profile: VaultName, _ state: inout VaultState) throws(ResealingError) -> Resealing {
        let ring = try keyed { () throws(VaultError) -> KeyRing in try ringForSealing(&state) }
        guard let file = try contents(of: .record(profile)) else { return .cannotOpen }
        let sealed: SealedEnvelope.Sealed
        do throws(EnvelopeError) {
            let header = try EnvelopeHeader.parse(file).header
            guard header.keyID != ring.current.key.id else { return .upToDate }
            var opened = try SealedEnvelope.open(file, profile: profile, provider: header.provider, keys: ring)
            defer { wipe(&opened.record.payload) }
            // A file that was put here behind the vault's back is for the next load to set aside.
            guard state.expects(opened.mark, of: profile) else { return .cannotOpen }
            sealed = try SealedEnvelope.seal(
                opened.record, profile: profile, provider: header.provider, key: ring.current.key)
        } catch {
            return .cannotOpen
        }
        do {
            try store(sealed, of: profile, &state)
        } catch {
            throw .storeFailed(error)
        }
        if let known = state.images.image.entries[profile], known.generation == sealed.header.generation {
            image(sealed, of: profile, &state)
        }
        return .resealed
    }

    /// Drops from the current key's file the older keys that no file needs. One whose header cannot be read may need
    /// any of them.
    private func retire(_ state: inout VaultState) throws(ResealingError) -> (retired: [String], kept: [String]) {
        let ring = try keyed { () throws(VaultError) -> KeyRing in try self.ring(&state) }
        let place = ring.current.place
        let older = ring.keys(from: place).dropFirst()
        guard !older.isEmpty else { return ([], []) }
        var needed: Set<KeyID> = []
        for file in try list() {
            guard let key = try key(of: file) else {
                needed = Set(older.map(\.id))
                break
            }
            needed.insert(key)
        }
        let kept = older.filter { needed.contains($0.id) }
        guard kept.count < older.count else { return ([], older.map(\.id.description)) }
        let isReplaced: Bool
        do {
            isReplaced = try keys.replace(place, known: state.keyFile, with: [ring.current.key] + kept)
        } catch {
            throw .storeFailed(error)
        }
        guard isReplaced else { return ([], older.map(\.id.description)) }
        state.ring = nil
        _ = try keyed { () throws(VaultError) -> KeyRing in try reload(&state) }
        return (older.filter { !needed.contains($0.id) }.map(\.id.description), kept.map(\.id.description))
    }

    private func list() throws(ResealingError) -> [RecordFile] {
        do { return try records.list() } catch { throw .storeFailed(error) }
    }

    private func key(of file: RecordFile) throws(ResealingError) -> KeyID? {
        guard let bytes = try contents(of: file) else { return nil }
        let parsed = Result { () throws(EnvelopeError) in try EnvelopeHeader.parse(bytes) }
        return (try? parsed.get())?.header.keyID
    }

    /// Nil for what cannot be a record of ours, such as a link.
    private func contents(of file: RecordFile) throws(ResealingError) -> [UInt8]? {
        do {
            return try records.read(file)
        } catch {
            if case .refused = error { return nil }
            throw .storeFailed(error)
        }
    }

    private func keyed<Answer>(_ body: () throws(VaultError) -> Answer) throws(ResealingError) -> Answer {
        do { return try body() } catch { throw .keyUnavailable }
    }
}
