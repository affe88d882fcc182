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

extension ProviderOutcome {
    /// Of a step for which a question had to be asked first, in vain.
    init<Answer>(_ failure: QueryOutcome<Answer>) {
        switch failure {
        case .answer, .bringing: self = .unreachable()
        case .ended(let reason): self = .ended(reason)
        case .unreachable(let retryAfterMs): self = .unreachable(retryAfterMs: retryAfterMs)
        case .misconfigured(let reason): self = .misconfigured(reason: reason)
        case .rejected(let reason, let status): self = .rejected(reason: reason, status: status)
        case .notSupported: self = .notSupported
        }
    }
}

extension SignInFields {
    /// A field as a call's body wants it; nil where it was not given.
    func json(_ name: String) -> JSONValue? {
        self[name].flatMap { $0.isEmpty ? nil : .string($0) }
    }
}

extension [String: Secret] {
    func json(_ name: String) -> JSONValue? { self[name].map { .string($0.reveal()) } }
    func text(_ name: String) -> String? { self[name]?.reveal() }
}
