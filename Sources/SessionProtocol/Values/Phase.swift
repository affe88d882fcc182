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
    /// The stable word for the reason. Daemons may send words that this version has no name for.
    public struct Kind: RawRepresentable, Sendable, Hashable {
        /// The word as it is on the wire.
        public let rawValue: String

        /// A reason by its word; nil where there is no word.
        public init?(rawValue: String) {
            guard !rawValue.isEmpty else { return nil }
            self.rawValue = rawValue
        }

        private init(_ word: StaticString) { rawValue = word.description }

        /// Nobody has signed in since the profile was made.
        public static let neverSignedIn = Kind("neverSignedIn")
        /// A sign-in, sign-up or exchange succeeded.
        public static let signedIn = Kind("signedIn")
        /// The session was read from the vault.
        public static let restored = Kind("restored")
        /// The provider confirmed the session.
        public static let validated = Kind("validated")
        /// The session's end was moved.
        public static let extended = Kind("extended")
        /// Tokens or objects were handed in, or a factor was added to the session.
        public static let updated = Kind("updated")
        /// The session was revoked through this daemon.
        public static let revoked = Kind("revoked")
        /// The provider says that the session is gone.
        public static let endedElsewhere = Kind("endedElsewhere")
        /// The session reached its end.
        public static let expired = Kind("expired")
        /// A client ended the local session without telling the provider.
        public static let invalidated = Kind("invalidated")
        /// A client had the stored state deleted.
        public static let cleared = Kind("cleared")
        /// The provider cannot be reached.
        public static let upstreamUnavailable = Kind("upstreamUnavailable")
        /// The provider refuses the daemon's configuration.
        public static let misconfigured = Kind("misconfigured")
        /// The vault's key cannot be read.
        public static let keyUnavailable = Kind("keyUnavailable")
        /// The stored state was damaged and has been set aside.
        public static let recordCorrupt = Kind("recordCorrupt")
        /// The screen was locked.
        public static let locked = Kind("locked")
        /// The screen was unlocked.
        public static let unlocked = Kind("unlocked")
        /// Another account of the user was chosen.
        public static let accountSwitched = Kind("accountSwitched")
        /// A sign-in needs one more step.
        public static let challenged = Kind("challenged")

        /// Every word that this version sends.
        package static let all: [Kind] = [
            .neverSignedIn, .signedIn, .restored, .validated, .extended, .updated, .revoked, .endedElsewhere,
            .expired, .invalidated, .cleared, .upstreamUnavailable, .misconfigured, .keyUnavailable, .recordCorrupt,
            .locked, .unlocked, .accountSwitched, .challenged,
        ]
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
