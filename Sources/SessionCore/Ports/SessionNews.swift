/// What an answer says of the session beside what was asked: a refusal may replace the tokens too.
package struct SessionNews: Sendable, Hashable {
    /// Replaces the tokens where the answer brought any.
    package var tokens: TokenSet?
    /// The service says that the session has changed since it was last shown, or may have: validate at once. An answer
    /// to a validation is itself what a validation finds.
    package var isStale = false
    /// Replaces the challenge that was answered, which stays open under its id.
    package var challenge: PendingChallenge?

    package init(tokens: TokenSet? = nil, isStale: Bool = false, challenge: PendingChallenge? = nil) {
        self.tokens = tokens
        self.isStale = isStale
        self.challenge = challenge
    }
}

/// An outcome that may bring news of the session.
package protocol BringsNews: Sendable {
    static func bringing(_ news: SessionNews, _ outcome: Self) -> Self
    /// The news, and the outcome without them.
    var parted: (news: SessionNews?, outcome: Self) { get }
}

extension BringsNews {
    /// The outcome with news beside those that it brings already; of two that disagree the new ones count.
    package func bringing(_ news: SessionNews) -> Self {
        let (older, outcome) = parted
        var all = older ?? SessionNews()
        all.tokens = news.tokens ?? all.tokens
        all.isStale = news.isStale || all.isStale
        all.challenge = news.challenge ?? all.challenge
        return all == SessionNews() ? outcome : .bringing(all, outcome)
    }
}

extension ProviderOutcome: BringsNews {
    package var parted: (news: SessionNews?, outcome: ProviderOutcome) {
        guard case .bringing(let news, let outcome) = self else { return (nil, self) }
        return (news, outcome)
    }
}

extension QueryOutcome: BringsNews {
    package var parted: (news: SessionNews?, outcome: QueryOutcome) {
        guard case .bringing(let news, let outcome) = self else { return (nil, self) }
        return (news, outcome)
    }
}

extension RevocationOutcome: BringsNews {
    package var parted: (news: SessionNews?, outcome: RevocationOutcome) {
        guard case .bringing(let news, let outcome) = self else { return (nil, self) }
        return (news, outcome)
    }
}
