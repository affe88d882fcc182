/// The sealed store: one record a profile.
///
/// Calls block until the disk has answered. A keeper calls from its own executor, never from an event loop.
package protocol SessionVaulting: Sendable {
    /// The record of a profile, nil where there is none.
    func load(profile: String, provider: String) throws(VaultError) -> SealedRecord?

    /// Replaces the record. When this returns, the new record survives a power cut; when it throws, the old one does.
    func save(_ record: SealedRecord, profile: String, provider: String) throws(VaultError)

    /// Deletes the record; there being none is success.
    func remove(profile: String, provider: String) throws(VaultError)

    /// What the image that outlived the last process says of the profile, brought up to date by every save since; nil
    /// where there is none, or none that can be opened now. Does not ask the disk for records, only for the keys where
    /// they have not been read yet.
    func image(profile: String, provider: String) -> SealedRecord?

    /// Puts into the image alone what the disk has refused, nil where there is nothing to keep: so that the newest state
    /// outlives the process all the same, where there is somebody to keep an image. Whatever is saved or removed is in
    /// it, too, when the call returns.
    func hold(_ record: SealedRecord?, profile: String, provider: String)
}

/// A vault without an image.
extension SessionVaulting {
    package func image(profile: String, provider: String) -> SealedRecord? { nil }
    package func hold(_ record: SealedRecord?, profile: String, provider: String) {}
}

/// What the vault keeps for a profile: bytes that only the keeper understands.
package struct SealedRecord: Sendable {
    /// Grows with every save; an older file than the daemon has written is refused while it runs.
    package var generation: UInt64
    /// Plain text of the record, sealed on disk.
    package var payload: [UInt8]

    package init(generation: UInt64, payload: [UInt8]) {
        self.generation = generation
        self.payload = payload
    }
}

/// Why the vault could not do it, named by what the keeper must do.
package enum VaultError: Error, Sendable, Hashable {
    /// Stay sealed and try again later: the key is missing or unreadable. Nothing was written.
    case keyUnavailable
    /// Start signed out: the record was damaged, or is not this profile's, and has been set aside under another name.
    case recordCorrupt
    /// Tell the caller: the disk refused. The old record is intact.
    case storeFailed
}
