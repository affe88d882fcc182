package import SessionCore

// What outlives the process without the disk. Every change of the image is made under the vault's lock, at the side of the
// disk's, and carried to its place after the lock is released and before the caller hears of it.

extension SealedFileVault {
    /// Takes what the last process has left. To be called before the first load; whatever of it is of use is opened when
    /// there are keys.
    package func offer(_ images: [OfferedImage]) {
        let areOld = keys.directory.distrustsImages
        locked { state in
            for event in state.images.offer(images, areOld: areOld) { state.tell(event) }
        }
        bringImage()
    }

    package func image(profile: String, provider: String) -> SealedRecord? {
        guard upload != nil else { return nil }
        return locked { state in
            guard let profile = VaultName(profile), let provider = VaultName(provider),
                let ring = try? ring(&state)
            else { return nil }
            openOfferedImages(with: ring, &state)
            guard let entry = state.images.image.entries[profile] else { return nil }
            let opened = Result { () throws(EnvelopeError) in
                try SealedEnvelope.open(entry.file, profile: profile, provider: provider, keys: ring)
            }
            // One of another provider, or under a key that has gone: as if there were none.
            return (try? opened.get())?.record
        }
    }

    package func hold(_ record: SealedRecord?, profile: String, provider: String) {
        guard upload != nil else { return }
        locked { state in
            guard let name = VaultName(profile), let provider = VaultName(provider) else { return }
            let ring = try? ring(&state)
            if let ring { openOfferedImages(with: ring, &state) }
            guard let record else { return state.images.drop(name) }
            guard let ring else { return }
            let sealed = Result { () throws(EnvelopeError) in
                try SealedEnvelope.seal(record, profile: name, provider: provider, key: ring.current.key)
            }
            // Larger than any record: the disk has refused it for that, and has told.
            guard let sealed = try? sealed.get() else { return }
            image(sealed, of: name, &state)
        }
        bringImage()
    }

    /// Whether the last process has left anything that could be opened. Reads the keys where they have not been read.
    package var hasImage: Bool {
        guard upload != nil else { return false }
        return locked { state in
            guard let ring = try? ring(&state) else { return false }
            openOfferedImages(with: ring, &state)
            return !state.images.image.entries.isEmpty
        }
    }

    /// Brings what the image says to its place; comes back when it is there, or after a second without an answer.
    package func bringImage() {
        guard let upload else { return }
        let version = locked { $0.images.version }
        upload.bring(version) { [self] in nextImage() }
    }

    /// What is to be stored now, and which version it is; no image where there is no key to seal with.
    private func nextImage() -> ImageUpload.Cargo {
        let (image, sealing, empty) = locked { state in
            (
                state.images.image, state.ring.map { ($0.current.key, state.images.next()) },
                ImageUpload.Cargo(
                    version: state.images.version, decisions: state.images.takeDecisions(), image: nil)
            )
        }
        guard let (key, count) = sealing else { return empty }
        var cargo = empty
        do throws(EnvelopeError) {
            cargo.image = .success(try image.sealed(count: count, key: key))
        } catch {
            cargo.image = .failure(ImageNotKept("all records together are too large"))
        }
        return cargo
    }

    // MARK: - For callers that hold the lock

    func image(_ sealed: SealedEnvelope.Sealed, of profile: VaultName, _ state: inout VaultState) {
        guard upload != nil else { return }
        state.images.put(StateImage.Entry(sealed.header, sealed.bytes), of: profile)
    }

    func openOfferedImages(with ring: KeyRing, _ state: inout VaultState) {
        guard !state.images.offered.isEmpty else { return }
        let known = state
        for event in state.images.openOffered(with: ring, isDecided: known.isSettled) { state.tell(event) }
    }

    /// Seals anew the records that only the image has under an older key.
    func resealImage(_ state: inout VaultState) {
        guard let ring = state.ring else { return }
        for (profile, entry) in state.images.image.entries where entry.keyID != ring.current.key.id {
            let resealed = Result { () throws(EnvelopeError) in
                let provider = try EnvelopeHeader.parse(entry.file).header.provider
                var opened = try SealedEnvelope.open(entry.file, profile: profile, provider: provider, keys: ring)
                defer { wipe(&opened.record.payload) }
                return try SealedEnvelope.seal(
                    opened.record, profile: profile, provider: provider, key: ring.current.key)
            }
            // What cannot be opened stays as it is, as on the disk.
            if let sealed = try? resealed.get() { image(sealed, of: profile, &state) }
        }
    }
}
