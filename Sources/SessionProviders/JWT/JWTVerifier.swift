package import Logging
package import SessionCore

/// Checks JWTs of one issuer with the keys that it publishes.
package actor JWTVerifier {
    private let rules: JWTRules
    private let now: @Sendable () -> Int64
    private let fetch: @Sendable () async -> [UInt8]?
    private let logger: Logger?
    private var cache = KeySetCache()
    /// The fetch that is under way: everybody who needs keys waits for this one.
    private var fetching: Task<Void, Never>?
    private var hasFailed = false

    /// - Parameters:
    ///   - now: Unix milliseconds.
    ///   - fetch: the key set's bytes (RFC 7517), nil where they cannot be had. Must come back in bounded time, and is
    ///     called at most once in five minutes, in 30 s after a failure.
    package init(
        rules: JWTRules, logger: Logger? = nil, now: @escaping @Sendable () -> Int64,
        fetch: @escaping @Sendable () async -> [UInt8]?
    ) {
        self.rules = rules
        self.logger = logger
        self.now = now
        self.fetch = fetch
    }

    /// Takes as long as a fetch where the keys are missing, older than an hour, or lack the JWT's; else no time. A
    /// caller that is cancelled waits nevertheless.
    package func verdict(on jwt: Secret) async -> JWTVerdict {
        let token: CompactJWT
        let times: JWTTimes
        do {
            token = try CompactJWT(jwt)
            times = try rules.times(of: token.claims)
        } catch {
            return .invalid(error)
        }
        if cache.wantsFetch(for: token.keyID, at: now()) { await fetchOnce(for: token.keyID) }
        // Time has passed, and the keys may be others: nothing from before is used.
        let now = now()
        switch cache.keys?.isSigned(token) {
        case true: return rules.verdict(on: times, at: now)
        case false: return .invalid(.badSignature)
        case nil: return cache.isRecent(at: now) ? .invalid(.unknownKey) : .undecided
        }
    }

    private func fetchOnce(for id: String) async {
        if let fetching { return await fetching.value }
        // A task of its own: that one caller goes away must not take the keys from the others.
        let task = Task { await self.renewKeys(for: id) }
        fetching = task
        await task.value
    }

    private func renewKeys(for id: String) async {
        let document = await fetch()
        var keys: KeySet?
        if let document { keys = await KeySet(document: document) }
        // Only one of these runs at a time, so nobody else has touched the cache since.
        cache.fetched(keys, for: id, at: now())
        fetching = nil
        tell(failed: keys == nil, isUnusable: document != nil && keys == nil)
    }

    /// Once for each change: an outage is no news every 30 seconds.
    private func tell(failed: Bool, isUnusable: Bool) {
        defer { hasFailed = failed }
        if failed, !hasFailed {
            let reason = isUnusable ? "the answer is no key set with an RS256 key" : "no answer"
            logger?.warning("the keys for session JWTs cannot be had", metadata: ["reason": "\(reason)"])
        } else if !failed, hasFailed {
            logger?.notice("the keys for session JWTs can be had again")
        }
    }
}
