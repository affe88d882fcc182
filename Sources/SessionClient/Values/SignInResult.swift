public import SessionProtocol

/// What came of a step of signing in.
public struct SignInResult: Sendable, Hashable {
    /// Where the sign-in is at.
    public struct Outcome: RawRepresentable, Sendable, Hashable {
        /// The stable word.
        public let rawValue: String
        /// An outcome by its word; newer daemons may send words that this version has no name for.
        public init(rawValue: String) { self.rawValue = rawValue }
        /// Done.
        public static let signedIn = Outcome(rawValue: "signedIn")
        /// One more step is needed; `challenge` describes it.
        public static let challenge = Outcome(rawValue: "challenge")
        /// The account was made and must be confirmed elsewhere before it can sign in.
        public static let confirmationNeeded = Outcome(rawValue: "confirmationNeeded")
    }

    /// Where the sign-in is at.
    public let outcome: Outcome
    /// The state that this step produced.
    public let snapshot: Snapshot

    /// The step that is needed next, nil where there is none.
    public var challenge: Challenge? { outcome == .challenge ? snapshot.challenge : nil }
}

extension Reply {
    func signInResult() throws(SessionError) -> SignInResult {
        SignInResult(outcome: SignInResult.Outcome(rawValue: try string("outcome")), snapshot: try snapshot("snapshot"))
    }
}
