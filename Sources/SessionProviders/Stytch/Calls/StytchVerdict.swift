import SessionCore
import SessionProtocol

/// What Stytch's error types mean to a session.
struct StytchVerdict: Sendable {
    let isServer: Bool

    /// The session that was asked about, or asked with, can never be used again. Counts only in answers of
    /// `sessions/authenticate` and `sessions/revoke`: elsewhere a wrong password has the same type.
    ///
    /// Under `/v1` two of the types are about the project's secret.
    func meansGone(_ type: String) -> Bool {
        (isServer ? Self.goneForServers : Self.goneForApps).contains(type)
    }

    private static let goneForApps: Set<String> = [
        "unauthorized_credentials", "user_unauthenticated", "invalid_secret_authentication", "session_not_found",
    ]
    private static let goneForServers: Set<String> = [
        "session_not_found", "invalid_session_token", "unable_to_parse_session_jwt",
    ]

    /// An administrator must mend it.
    func meansMisconfigured(_ type: String, isAboutSession: Bool) -> Bool {
        if Self.settings.contains(type) || type.hasPrefix("cname_") { return true }
        if type.hasPrefix("bad_"), type.hasSuffix("_for_stytch_sdk") { return true }
        guard isServer else { return false }
        return type == "invalid_secret_authentication" || (isAboutSession && type == "unauthorized_credentials")
    }

    private static let settings: Set<String> = [
        "endpoint_not_authorized_for_sdk", "invalid_public_token_id", "public_token_not_found", "project_not_found",
        "invalid_project_id_authentication",
    ]

    /// The outcome of `sessions/authenticate`. nil: it has brought a payload.
    func sessionOutcome(_ answer: StytchAnswer) -> ProviderOutcome? {
        if case .refused(let type, _) = answer, meansGone(type) { return .ended(.endedElsewhere) }
        return outcome(answer, isAboutSession: true)
    }

    /// The outcome of any other call. nil: it has brought a payload.
    func stepOutcome(_ answer: StytchAnswer) -> ProviderOutcome? { outcome(answer, isAboutSession: false) }

    private func outcome(_ answer: StytchAnswer, isAboutSession: Bool) -> ProviderOutcome? {
        switch answer {
        case .data: return nil
        case .refused(let type, let status):
            if meansMisconfigured(type, isAboutSession: isAboutSession) { return .misconfigured(reason: type) }
            return .rejected(reason: type, status: status)
        case .unusable(let retryAfterMs): return .unreachable(retryAfterMs: retryAfterMs)
        case .throttled(let retryAfterMs): return .throttled(retryAfterMs: retryAfterMs)
        case .misconfigured(let reason): return .misconfigured(reason: reason)
        }
    }

    /// The outcome of a revocation.
    ///
    /// - Parameter inOwnName: whether a session token was sent that the answer may be about.
    func revocation(_ answer: StytchAnswer, inOwnName: Bool) -> RevocationOutcome {
        switch answer {
        case .data: return .confirmed
        case .refused(let type, let status):
            if inOwnName, meansGone(type) { return .gone }
            if meansMisconfigured(type, isAboutSession: true) { return .misconfigured(reason: type) }
            return .rejected(reason: type, status: status)
        case .unusable(let retryAfterMs), .throttled(let retryAfterMs): return .unreachable(retryAfterMs: retryAfterMs)
        case .misconfigured(let reason): return .misconfigured(reason: reason)
        }
    }

    /// The outcome of a question that has brought no payload.
    func query<Answer>(_ answer: StytchAnswer, isAboutSession: Bool) -> QueryOutcome<Answer> {
        switch answer {
        case .data: return .unreachable()
        case .refused(let type, let status):
            if isAboutSession, meansGone(type) { return .ended(.endedElsewhere) }
            // No question carries a password: wrong credentials are the project's.
            if meansMisconfigured(type, isAboutSession: true) { return .misconfigured(reason: type) }
            return .rejected(reason: type, status: status)
        case .unusable(let retryAfterMs), .throttled(let retryAfterMs): return .unreachable(retryAfterMs: retryAfterMs)
        case .misconfigured(let reason): return .misconfigured(reason: reason)
        }
    }
}
