/// What the vault has to tell an administrator. Carries no secret; whoever composes the daemon logs it.
package enum VaultEvent: Sendable, Hashable, CustomStringConvertible {
    package enum Severity: Sendable, Hashable { case notice, warning, error }

    /// Why a record was set aside.
    package enum Damage: String, Sendable, Hashable {
        case malformed = "it is damaged"
        case otherProfile = "it belongs to another profile"
        case otherProvider = "it belongs to another provider"
        case notAuthentic = "its contents are not what was sealed"
        case rolledBack = "it is not the record that this daemon wrote or read last"
        case tooLarge = "it is larger than any record"
    }

    /// Why an image that a service manager had kept was dropped.
    package enum ImageDamage: String, Sendable, Hashable {
        case malformed = "it is no image, or a damaged one"
        case newer = "it is of a later sessiond"
        case notAuthentic = "its contents are not what was sealed"
        case old = "it is older than what clients have been told"
    }

    case keyCreated(KeyID)
    /// No key to seal with: profiles stay sealed. Told once until the reason changes.
    case keyUnavailable(KeyProblem)
    /// A key source below the current one cannot be read.
    case keySourceSkipped(KeyProblem)
    /// `master.key` had gone while the daemon ran, and was written again from memory.
    case keyPutBack
    /// The record needs a key that is not at hand: put it back, or after the current one into the key file.
    case keyMissing(profile: String, key: KeyID)
    case recordSetAside(profile: String, name: String, damage: Damage)
    /// Damaged, and cannot be renamed: the profile stays sealed rather than lose it.
    case recordNotSetAside(profile: String, damage: Damage, fault: FileFault)
    /// The profile stays sealed.
    case recordUnreadable(profile: String, fault: FileFault)
    /// A later sessiond wrote the record; this one cannot read it and leaves it alone.
    case recordTooNew(profile: String, version: Int)
    case storeFailed(profile: String, fault: FileFault)
    case payloadTooLarge(profile: String, limit: Int)
    case nameRefused
    /// An image that was kept from the last process is of no use, and goes.
    case imageRefused(name: String, damage: ImageDamage)
    /// An image needs a key that is not at hand, and is kept.
    case imageKept(name: String)
    /// The newest state is not where the next process looks before it reads the disk. Told once until that changes.
    case imageNotStored(why: String)
    case leftoversRemoved(count: Int)
    case leftoversNotRemoved(FileFault)

    package var severity: Severity {
        switch self {
        case .keyCreated, .leftoversRemoved: .notice
        case .keySourceSkipped, .keyPutBack, .leftoversNotRemoved, .imageRefused, .imageKept, .imageNotStored: .warning
        default: .error
        }
    }

    package var description: String {
        switch self {
        case .keyCreated(let key): "created master key \(key)"
        case .keyUnavailable(let problem): "no key to seal with: \(problem)"
        case .keySourceSkipped(let problem): "a key source was skipped: \(problem)"
        case .keyPutBack: "master.key had gone and was written again from memory"
        case .keyMissing(let profile, let key): "profile \(profile) is sealed under key \(key), which is in no source"
        case .recordSetAside(let profile, let name, let damage):
            "the record of profile \(profile) was set aside as \(name): \(damage.rawValue)"
        case .recordNotSetAside(let profile, let damage, let fault):
            "the record of profile \(profile) cannot be used (\(damage.rawValue)) nor set aside (\(fault))"
        case .recordUnreadable(let profile, let fault): "the record of profile \(profile) cannot be read: \(fault)"
        case .recordTooNew(let profile, let version):
            "the record of profile \(profile) has version \(version), of a later sessiond"
        case .storeFailed(let profile, let fault): "the record of profile \(profile) could not be stored: \(fault)"
        case .payloadTooLarge(let profile, let limit): "the record of profile \(profile) exceeds \(limit) bytes"
        case .nameRefused: "a profile or provider name is not 1 to 64 of A-Z a-z 0-9 . _ - without a leading dot"
        case .imageRefused(let name, let damage):
            "what the service manager kept as \(name) is dropped: \(damage.rawValue)"
        case .imageKept(let name):
            "what the service manager kept as \(name) stays there: it is sealed under a key that is in no source"
        case .imageNotStored(let why): "the service manager does not keep the newest state: \(why)"
        case .leftoversRemoved(let count): "removed \(count) files that a crash had left half-written"
        case .leftoversNotRemoved(let fault): "files that a crash left half-written could not be removed: \(fault)"
        }
    }
}
