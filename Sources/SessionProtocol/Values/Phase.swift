/// What a profile's session is at, as clients see it (docs/protocol.md, section 4).
public enum Phase: String, Sendable, Hashable, CaseIterable {
    /// Stored state is not yet read.
    case loading
    /// No session; the cause says why.
    case signedOut
    /// A sign-in waits for its next step.
    case challenged
    /// A session is held that the provider has not confirmed since it was restored or handed in.
    case unverified
    /// Confirmed; nothing is failing.
    case active
    /// Was confirmed, cannot be confirmed at present, has not expired: still served, with its age.
    case stale
    /// Signed in, screen locked at the provider: access is empty.
    case locked
    /// Stored state exists and cannot be opened now: nothing is lost and nothing is overwritten.
    case sealed
}

/// Why a profile is in its present state, and since when.
public struct Cause: Sendable, Hashable {
    /// The stable word for the reason.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Nobody has signed in since the profile was made.
        case neverSignedIn
        /// A sign-in, sign-up or exchange succeeded.
        case signedIn
        /// The session was read from the vault.
        case restored
        /// The provider confirmed the session.
        case validated
        /// The session's end was moved.
        case extended
        /// Tokens or objects were handed in, or a factor was added to the session.
        case updated
        /// The session was revoked through this daemon.
        case revoked
        /// The provider says that the session is gone.
        case endedElsewhere
        /// The session reached its end.
        case expired
        /// A client ended the local session without telling the provider.
        case invalidated
        /// A client had the stored state deleted.
        case cleared
        /// The provider cannot be reached.
        case upstreamUnavailable
        /// The provider refuses the daemon's configuration.
        case misconfigured
        /// The vault's key cannot be read.
        case keyUnavailable
        /// The stored state was damaged and has been set aside.
        case recordCorrupt
        /// The screen was locked.
        case locked
        /// The screen was unlocked.
        case unlocked
        /// Another account of the user was chosen.
        case accountSwitched
        /// A sign-in needs one more step.
        case challenged
    }

    /// The reason.
    public let kind: Kind
    /// Unix milliseconds.
    public let at: Int64

    /// A cause that took effect at `at`, in Unix milliseconds.
    public init(_ kind: Kind, at: Int64) {
        self.kind = kind
        self.at = at
    }
}
