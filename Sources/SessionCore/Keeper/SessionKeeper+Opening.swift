import Logging

extension SessionKeeper {
    /// Whether the vault has been asked for the stored state, and has answered. Until then what there is comes from an
    /// image, if from anywhere, and nothing is written over what has not been read.
    enum Opening {
        case untried, failed, open
    }

    /// Whoever comes first has the store opened: nothing happens to a profile before that has been tried.
    func openIfUntried() {
        if opening == .untried, !isDraining { openStore() }
    }

    /// Reads the stored state while none has been read yet.
    func openStore() {
        let now = clock.now()
        defer { vitalsBoard.update { $0.openedAt = now.boot } }
        let loaded = Result { () throws(VaultError) in try vault.load(profile: profile, provider: traits.name) }
        let isNews = takeImage(at: now) || opening == .untried
        var restored = imaged
        do throws(VaultError) {
            restored = try adopt(try loaded.get(), at: now)
            opening = .open
            storeSucceeded()
        } catch {
            switch error {
            case .recordCorrupt:
                opening = .open
                if imaged == nil {
                    logger.error("stored state is damaged and has been set aside; the profile starts signed out")
                    machine.startOver(at: now)
                } else {
                    logger.error(
                        "stored state is damaged and has been set aside; the service manager has kept the newest")
                }
            case .keyUnavailable, .storeFailed:
                opening = .failed
                if imaged == nil {
                    if machine.tenure != .sealed {
                        logger.event(
                            .profileSealed, "stored state cannot be opened; it is kept as it is",
                            metadata: ["why": "\(error)"])
                    }
                    machine.seal(at: now)
                }
                storeFailed(at: now)
            }
        }
        if opening == .open { imaged = nil }
        keepQuietly()
        if isNews || opening == .open { tellEnd(wasHeld: restored?.session != nil) }
    }

    /// What an image says of a profile whose state is not known. It may have been out of reach until its key was back.
    private func takeImage(at now: Moment) -> Bool {
        guard machine.tenure == .loading || machine.tenure == .sealed,
            let image = vault.image(profile: profile, provider: traits.name),
            let record = StoredProfile(encoded: image.payload)
        else { return false }
        imaged = record
        recordGeneration = image.generation
        machine.restore(record, at: now)
        return true
    }

    /// The vault's record counts where it is newer than the image's, or where there is none any more. Returns the one that
    /// has been restored just now; nil where there is none, or where the image's has been restored before.
    private func adopt(_ record: SealedRecord?, at now: Moment) throws(VaultError) -> StoredProfile? {
        var opened: StoredProfile?
        if let record {
            guard let profile = StoredProfile(encoded: record.payload) else {
                // Authentic, so we wrote it: a later version of us, whose record is not ours to overwrite.
                logger.error("stored state was written by a later version; use that version to open it")
                throw .keyUnavailable
            }
            opened = profile
        }
        stored = opened
        if let imaged, let record, record.generation <= recordGeneration { return opening == .untried ? imaged : nil }
        // It never goes back: what an image says of a record that is gone must not pass for newer.
        recordGeneration = max(recordGeneration, record?.generation ?? 0)
        if imaged == nil { machine.restore(opened, at: now) } else { machine.restoreInstead(opened, at: now) }
        return opened
    }
}
