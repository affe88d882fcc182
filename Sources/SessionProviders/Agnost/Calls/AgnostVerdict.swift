import SessionCore
import SessionProtocol

/// What Agnost's error codes mean to a session.
enum AgnostVerdict {
    /// The code with which Agnost says that the token in the request's `Session` header is good for nothing, nil where
    /// it says no such thing. Only with 401: with 403 and 404 the same code is about the session that `signout` was
    /// asked to end. Counts only in answers to requests that carried the token.
    static func gone(_ answer: AgnostAnswer) -> String? {
        guard case .refused(let codes, 401, _) = answer else { return nil }
        return codes.first(where: goneCodes.contains)
    }

    private static let goneCodes: Set<String> = ["invalid_session_token", "missing_session_token"]

    /// An administrator must mend it.
    private static let settings: Set<String> = [
        // The API key, and what the app's designer allows it.
        "missing_api_key", "invalid_api_key", "expired_api_key", "endpoints_not_allowed", "endpoint_not_allowed",
        "missing_request_origin", "domain_not_authorized", "missing_client_IP", "ip_not_authorized",
        // The app's user model.
        "missing_auth_user_data_model_config", "missing_auth_user_data_model", "invalid_auth_user_data_model",
        // The base URL or the prefix.
        "resource_not_found",
    ]

    /// The environment is being deployed or suspended: it comes back.
    private static let passing: Set<String> = ["api_server_not_ready", "suspended_environment"]

    /// What is refused to a person, or about a person's session.
    private static let refusals: Set<String> = [
        "invalid_sign_in_credentials", "invalid_credentials", "invalid_provider_sign_in", "invalid_provider",
        "email_not_verified", "phone_not_verified", "not_allowed", "user_not_found", "missing_phone_number",
        "missing_sms_code", "missing_access_token", "invalid_access_token", "sms_auth_codes_disabled",
        "mismatch_values", "invalid_token_type", "invalid_action_type", "email_not_unique", "redirect_url_missing",
        "invalid_redirect_url", "validation_error",
    ]

    /// Whether Agnost is known to use the code: it is no secret then, even where somebody's password is the same word.
    static func isKnown(_ code: String) -> Bool {
        [goneCodes, settings, passing, refusals].contains { $0.contains(code) }
    }

    /// What an answer comes to that has not brought what was asked for, in the words of all kinds of outcomes.
    enum Failure: Sendable, Hashable {
        case unreachable(retryAfterMs: Int64?)
        case throttled(retryAfterMs: Int64?)
        case misconfigured(reason: String)
        case rejected(reason: String, status: Int)

        /// The same, after another failure of the same question: the longer of the service's two wishes counts.
        func after(_ earlier: Failure) -> Failure {
            guard let earlier = earlier.retryAfterMs else { return self }
            return switch self {
            case .unreachable(let retryAfterMs): .unreachable(retryAfterMs: max(retryAfterMs ?? 0, earlier))
            case .throttled(let retryAfterMs): .throttled(retryAfterMs: max(retryAfterMs ?? 0, earlier))
            case .misconfigured, .rejected: self
            }
        }

        private var retryAfterMs: Int64? {
            switch self {
            case .unreachable(let retryAfterMs), .throttled(let retryAfterMs): retryAfterMs
            case .misconfigured, .rejected: nil
            }
        }
    }

    /// A success that is asked about is one that cannot be read.
    static func failure(_ answer: AgnostAnswer) -> Failure {
        switch answer {
        case .success: return .unreachable(retryAfterMs: nil)
        case .failing(let retryAfterMs), .unusable(let retryAfterMs): return .unreachable(retryAfterMs: retryAfterMs)
        case .throttled(let retryAfterMs): return .throttled(retryAfterMs: retryAfterMs)
        case .misconfigured(let reason): return .misconfigured(reason: reason)
        case .refused(let codes, let status, let retryAfterMs):
            if let code = codes.first(where: settings.contains) { return .misconfigured(reason: code) }
            if codes.contains(where: passing.contains) { return .unreachable(retryAfterMs: retryAfterMs) }
            return .rejected(reason: codes.first ?? "", status: status)
        }
    }

    /// The outcome of a call in the name of the session that is held.
    static func sessionOutcome(_ answer: AgnostAnswer) -> ProviderOutcome {
        gone(answer) == nil ? ProviderOutcome(failure(answer)) : .ended(.endedElsewhere)
    }

    /// The outcome of a revocation, or of a question for its sake, in the name of the session that is held.
    static func revocation(_ answer: AgnostAnswer) -> RevocationOutcome {
        gone(answer) == nil ? RevocationOutcome(failure(answer)) : .gone
    }

    /// The outcome of a question in the name of the session that is held.
    static func query<Answer>(_ answer: AgnostAnswer) -> QueryOutcome<Answer> {
        if gone(answer) != nil { return .ended(.endedElsewhere) }
        switch failure(answer) {
        case .unreachable(let retryAfterMs), .throttled(let retryAfterMs):
            return .unreachable(retryAfterMs: retryAfterMs)
        case .misconfigured(let reason): return .misconfigured(reason: reason)
        case .rejected(let reason, let status): return .rejected(reason: reason, status: status)
        }
    }
}

extension ProviderOutcome {
    init(_ failure: AgnostVerdict.Failure) {
        switch failure {
        case .unreachable(let retryAfterMs): self = .unreachable(retryAfterMs: retryAfterMs)
        case .throttled(let retryAfterMs): self = .throttled(retryAfterMs: retryAfterMs)
        case .misconfigured(let reason): self = .misconfigured(reason: reason)
        case .rejected(let reason, let status): self = .rejected(reason: reason, status: status)
        }
    }
}

extension RevocationOutcome {
    init(_ failure: AgnostVerdict.Failure) {
        switch failure {
        case .unreachable(let retryAfterMs), .throttled(let retryAfterMs):
            self = .unreachable(retryAfterMs: retryAfterMs)
        case .misconfigured(let reason): self = .misconfigured(reason: reason)
        case .rejected(let reason, let status): self = .rejected(reason: reason, status: status)
        }
    }
}
