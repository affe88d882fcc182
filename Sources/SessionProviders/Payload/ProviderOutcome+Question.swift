import SessionCore

extension ProviderOutcome {
    /// Of a step for which a question had to be asked first, in vain.
    init<Answer>(_ failure: QueryOutcome<Answer>) {
        switch failure {
        case .bringing(let news, let failure): self = ProviderOutcome(failure).bringing(news)
        case .answer: self = .unreachable()
        case .ended(let reason): self = .ended(reason)
        case .unreachable(let retryAfterMs): self = .unreachable(retryAfterMs: retryAfterMs)
        case .misconfigured(let reason): self = .misconfigured(reason: reason)
        case .rejected(let reason, let status): self = .rejected(reason: reason, status: status)
        case .notSupported: self = .notSupported
        }
    }
}
