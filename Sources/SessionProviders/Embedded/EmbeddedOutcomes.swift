import SessionCore

/// What the authority's errors mean to a keeper.
extension ProviderOutcome {
    init(_ error: AuthorityError) {
        switch error {
        case .unavailable: self = .unreachable()
        case .busy: self = .throttled(retryAfterMs: 1000)
        case .unusable(let defect): self = .misconfigured(reason: defect.rawValue)
        case .rejected(let reason): self = .rejected(reason: reason.rawValue)
        case .invalidField(let path, let expected): self = .invalidField(path: path, expected: expected)
        case .ended(let reason): self = .ended(reason)
        }
    }
}

extension RevocationOutcome {
    /// A session that is gone ends itself again with success, and has no say over others.
    init(_ error: AuthorityError, target: RevocationTarget) {
        switch error {
        case .unavailable, .busy: self = .unreachable()
        case .unusable(let defect): self = .misconfigured(reason: defect.rawValue)
        case .rejected(let reason): self = .rejected(reason: reason.rawValue)
        case .ended where target == .current: self = .confirmed
        case .ended, .invalidField: self = .rejected(reason: AuthorityError.Reason.sessionNotFound.rawValue)
        }
    }
}

extension QueryOutcome {
    init(_ error: AuthorityError) {
        switch error {
        case .unavailable, .busy: self = .unreachable()
        case .unusable(let defect): self = .misconfigured(reason: defect.rawValue)
        case .rejected(let reason): self = .rejected(reason: reason.rawValue)
        case .invalidField: self = .notSupported
        case .ended(let reason): self = .ended(reason)
        }
    }
}
