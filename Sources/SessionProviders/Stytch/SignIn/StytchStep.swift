import SessionCore
import SessionProtocol

/// What one step of a sign-in has come to.
enum StytchStep: Sendable {
    /// The answer of a call that signs in: it brings a session, or an intermediate one, or is refused.
    case session(StytchAnswer)
    /// A call on the way has failed.
    case failed(StytchAnswer)
    case outcome(ProviderOutcome)

    /// Another step is wanted.
    ///
    /// - Parameters:
    ///   - id: of the challenge that this one goes on with, if it is the same.
    ///   - continuation: what the next call needs. Values that are empty are left out.
    static func challenge(
        _ kind: String, id: String? = nil, endsAt: Int64, _ details: [String: JSONValue],
        _ continuation: [String: String?]
    ) -> StytchStep {
        .outcome(
            .challenge(
                PendingChallenge(
                    challenge: Challenge(id: id ?? newIdentifier(), kind: kind, expiresAt: endsAt, details: details),
                    continuation: continuation.compactMapValues { Secret($0) })))
    }
}
