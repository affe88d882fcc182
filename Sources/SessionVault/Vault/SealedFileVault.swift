package import SessionCore
import Synchronization

/// The sealed store on disk: one encrypted file a profile in the state directory.
///
/// One lock orders everything, so that a rotation of keys and a save never meet; it is held over fsync, which the
/// disk serialises anyway. Events are told after it is released.
package final class SealedFileVault: SessionVaulting {
    let records: RecordFolder
    let keys: KeyStore
    /// nil where nobody keeps images.
    let upload: ImageUpload?
    private let state = Mutex(VaultState())
    private let report: @Sendable (VaultEvent) -> Void

    /// Reads nothing that matters yet; removes what a crash left half-written.
    ///
    /// `report` is called on the thread of whoever calls the vault, or on one that stores images, and may call the vault.
    package convenience init(
        directory: StateDirectory, keys: KeySources, images: (any ImagePlace)? = nil,
        report: @escaping @Sendable (VaultEvent) -> Void
    ) {
        self.init(directory: directory, keys: keys, files: LinuxFiles(), images: images, report: report)
    }

    init(
        directory: StateDirectory, keys: KeySources, files: any FileOperations, images: (any ImagePlace)? = nil,
        report: @escaping @Sendable (VaultEvent) -> Void
    ) {
        upload = images.map { place in
            ImageUpload(to: place, mark: ImageMark { directory.distrustImages($0) }, report: report)
        }
        records = RecordFolder(directory: directory, files: files)
        self.keys = KeyStore(sources: keys, directory: directory, records: records, files: files)
        self.report = report
        sweep()
    }

    /// Nil where there is definitely no record. `keyUnavailable` for everything that an administrator can mend and
    /// that must not sign anybody out: a missing key, an unreadable disk, a foreign owner.
    package func load(profile: String, provider: String) throws(VaultError) -> SealedRecord? {
        try locked { state throws(VaultError) in
            let (profile, provider) = try names(profile, provider, &state)
            let ring = try ring(&state)
            openOfferedImages(with: ring, &state)
            guard let file = try read(profile, &state) else {
                state.settle(profile, on: nil)
                state.images.drop(profile)
                return nil
            }
            return try open(file, of: profile, provider: provider, with: ring, &state)
        }
    }

    package func save(_ record: SealedRecord, profile: String, provider: String) throws(VaultError) {
        try locked { state throws(VaultError) in
            let (profile, provider) = try names(profile, provider, &state)
            let ring = try ringForSealing(&state)
            let sealed: SealedEnvelope.Sealed
            do throws(EnvelopeError) {
                sealed = try SealedEnvelope.seal(record, profile: profile, provider: provider, key: ring.current.key)
            } catch {
                state.tell(.payloadTooLarge(profile: profile.text, limit: EnvelopeHeader.payloadLimit))
                throw VaultError.storeFailed
            }
            do throws(FileFault) {
                try store(sealed, of: profile, &state)
            } catch {
                state.tell(.storeFailed(profile: profile.text, fault: error))
                throw VaultError.storeFailed
            }
            image(sealed, of: profile, &state)
        }
        bringImage()
    }

    /// Needs no key: what is deleted need not be opened.
    package func remove(profile: String, provider: String) throws(VaultError) {
        try locked { state throws(VaultError) in
            let (profile, _) = try names(profile, provider, &state)
            do throws(ReplacementFailure) {
                try records.remove(profile)
                state.settle(profile, on: nil)
                state.images.drop(profile)
            } catch {
                state.tell(.storeFailed(profile: profile.text, fault: error.fault))
                throw VaultError.storeFailed
            }
        }
        bringImage()
    }

    /// Runs with the lock held, and tells what happened once it is released.
    func locked<Answer: Sendable, Failure: Error>(
        _ body: (inout VaultState) throws(Failure) -> Answer
    ) throws(Failure) -> Answer {
        let (answer, events) = state.withLock { state in
            let answer = Result { () throws(Failure) in try body(&state) }
            return (answer, state.takeEvents())
        }
        events.forEach(report)
        return try answer.get()
    }

    /// Replaces the file and remembers it. For callers that hold the lock.
    func store(_ sealed: SealedEnvelope.Sealed, of profile: VaultName, _ state: inout VaultState) throws(FileFault) {
        do {
            try records.replace(profile, with: sealed.bytes)
            state.settle(profile, on: sealed.mark)
        } catch {
            if error.isInDoubt { state.doubt(profile, sealed.mark) }
            throw error.fault
        }
    }

    private func sweep() {
        locked { state in
            do throws(FileFault) {
                let count = try records.sweep() + keys.sweep()
                if count > 0 { state.tell(.leftoversRemoved(count: count)) }
            } catch {
                state.tell(.leftoversNotRemoved(error))
            }
        }
    }

    func names(
        _ profile: String, _ provider: String, _ state: inout VaultState
    ) throws(VaultError) -> (VaultName, VaultName) {
        guard let profile = VaultName(profile), let provider = VaultName(provider) else {
            state.tell(.nameRefused)
            throw .storeFailed
        }
        return (profile, provider)
    }

    private func read(_ profile: VaultName, _ state: inout VaultState) throws(VaultError) -> [UInt8]? {
        do {
            return try records.read(.record(profile))
        } catch {
            if case .refused(.tooLarge) = error { throw setAside(profile, .tooLarge, &state) }
            state.tellOnce(.recordUnreadable(profile: profile.text, fault: error), of: profile)
            throw .keyUnavailable
        }
    }

    private func open(
        _ file: [UInt8], of profile: VaultName, provider: VaultName, with ring: KeyRing, _ state: inout VaultState
    ) throws(VaultError) -> SealedRecord {
        var result = opened(file, of: profile, provider: provider, with: ring)
        if case .failure(.unknownKey) = result {
            // Somebody may have put the key back since the sources were read.
            let ring = try reload(&state)
            openOfferedImages(with: ring, &state)
            result = opened(file, of: profile, provider: provider, with: ring)
        }
        let opened: SealedEnvelope.Opened
        do {
            opened = try result.get()
        } catch {
            throw refusal(of: profile, error, &state)
        }
        guard state.expects(opened.mark, of: profile) else { throw setAside(profile, .rolledBack, &state) }
        state.settle(profile, on: opened.mark)
        if upload != nil { state.images.putIfNewer(StateImage.Entry(opened.header, file), of: profile) }
        return opened.record
    }

    private func opened(
        _ file: [UInt8], of profile: VaultName, provider: VaultName, with ring: KeyRing
    ) -> Result<SealedEnvelope.Opened, EnvelopeError> {
        Result { () throws(EnvelopeError) in
            try SealedEnvelope.open(file, profile: profile, provider: provider, keys: ring)
        }
    }

    private func refusal(of profile: VaultName, _ error: EnvelopeError, _ state: inout VaultState) -> VaultError {
        switch error {
        case .unknownKey(let key):
            state.tellOnce(.keyMissing(profile: profile.text, key: key), of: profile)
            return .keyUnavailable
        case .newerVersion(let version):
            state.tellOnce(.recordTooNew(profile: profile.text, version: Int(version)), of: profile)
            return .keyUnavailable
        case .malformed: return setAside(profile, .malformed, &state)
        case .otherProfile: return setAside(profile, .otherProfile, &state)
        case .otherProvider: return setAside(profile, .otherProvider, &state)
        case .notAuthentic: return setAside(profile, .notAuthentic, &state)
        case .tooLarge: return setAside(profile, .tooLarge, &state)
        }
    }

    /// Sets a damaged record aside. Where that fails too it stays where it is, and the profile stays sealed.
    private func setAside(
        _ profile: VaultName, _ damage: VaultEvent.Damage, _ state: inout VaultState
    ) -> VaultError {
        do {
            let name = try records.setAside(profile)
            state.settle(profile, on: nil)
            state.tell(.recordSetAside(profile: profile.text, name: name, damage: damage))
            return .recordCorrupt
        } catch {
            state.tellOnce(.recordNotSetAside(profile: profile.text, damage: damage, fault: error), of: profile)
            return .keyUnavailable
        }
    }
}
