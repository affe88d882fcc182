import SessionProtocol

/// A revocation that the provider has not confirmed yet.
package struct QueuedRevocation: Sendable, Hashable {
    /// What is on disk of it.
    package struct Stored: Sendable, Hashable {
        package var id: String
        package var target: RevocationTarget
        /// The session in whose name it is asked for; its tokens outlive the local session for this alone.
        package var session: ProviderSession
        /// Unix milliseconds.
        package var queuedAt: Int64
    }

    package var stored: Stored
    /// When to try next, on the boot clock; nil while its caller does.
    package var dueAtBoot: Int64?
    package var failures: Int64 = 0

    init(stored: Stored, dueAtBoot: Int64?) {
        self.stored = stored
        self.dueAtBoot = dueAtBoot
    }

    package var id: String { stored.id }

    /// Whether the session in whose name it is asked for is among those that it ends.
    var isAboutOwnSession: Bool { stored.target == .current || stored.target == .all }

    /// Whether that session has reached its end by itself meanwhile.
    func hasOutlivedSession(at now: Moment) -> Bool { stored.session.expiresAt.map { $0 <= now.wall } ?? false }

    /// Whether the provider's confirmation means that this session has ended.
    func ends(_ session: HeldSession) -> Bool { isAboutOwnSession && isAsked(inNameOf: session) }

    func isAsked(inNameOf session: HeldSession) -> Bool {
        if let id = session.sessionID, let own = stored.session.sessionID { return id == own }
        return session.tokens.isSameSession(as: stored.session.tokens)
    }
}

extension ProfileMachine {
    /// Queues a revocation for the session that is held. nil where none is.
    package mutating func queueRevocation(_ target: RevocationTarget, id: String, at now: Moment) -> QueuedRevocation? {
        guard let held else { return nil }
        var session = held.providerSession
        session.objects = settings.traits.neededToRevoke(session.objects)
        let entry = QueuedRevocation(
            stored: .init(id: id, target: target, session: session, queuedAt: now.wall),
            // Its caller asks the provider, and only what comes of that makes it due here; or a restart does.
            dueAtBoot: nil)
        revocations.append(entry)
        return entry
    }

    /// Whether a queued revocation is about the session that is held.
    package var isBeingRevoked: Bool {
        guard let held else { return false }
        return revocations.contains { $0.ends(held) }
    }

    /// Ends the local session now; the revocation stays queued.
    package mutating func revokedLocally(at now: Moment) {
        if held != nil { end(.revoked, at: now) }
    }

    /// What the answer to a revocation says beside whether it is done: the next attempt needs the new tokens, as the
    /// session does where it is still held.
    package mutating func heard(_ news: SessionNews, of entry: QueuedRevocation) {
        guard let tokens = news.tokens, !tokens.isEmpty,
            let index = revocations.firstIndex(where: { $0.id == entry.id })
        else { return }
        if var session = held, revocations[index].isAsked(inNameOf: session) {
            handOver(tokens, ofQueuedFor: session)
            session.tokens = tokens
            tenure = .held(session)
        } else {
            revocations[index].stored.session.tokens = tokens
        }
    }

    /// Tokens that replace those of a session replace them in what is queued in its name.
    mutating func handOver(_ tokens: TokenSet, ofQueuedFor session: HeldSession) {
        for index in revocations.indices where revocations[index].isAsked(inNameOf: session) {
            revocations[index].stored.session.tokens = tokens
        }
    }

    /// The provider has confirmed a queued revocation: it is forgotten, and with it the session that it ended.
    package mutating func revocationConfirmed(_ entry: QueuedRevocation, at now: Moment) {
        // Its tokens may have been replaced since it was asked for.
        let entry = revocations.first { $0.id == entry.id } ?? entry
        revocations.removeAll { $0.id == entry.id }
        if let held, entry.ends(held) { end(.revoked, at: now) }
    }

    /// The provider refused for good, or the caller was told that nothing happened: it is forgotten.
    package mutating func revocationWithdrawn(_ entry: QueuedRevocation) {
        revocations.removeAll { $0.id == entry.id }
    }

    /// Others than the own session cannot be ended: it alone is still to be.
    package mutating func revocationNarrowed(_ entry: QueuedRevocation, at now: Moment) {
        guard let index = revocations.firstIndex(where: { $0.id == entry.id }) else { return }
        revocations[index].stored.target = .current
        revocations[index].dueAtBoot = now.boot
    }

    /// No usable answer: try again later, for ever.
    package mutating func revocationFailed(
        _ entry: QueuedRevocation, retryAfterMs: Int64?, at now: Moment, dice: Double
    ) {
        guard let index = revocations.firstIndex(where: { $0.id == entry.id }) else { return }
        revocations[index].failures += 1
        revocations[index].dueAtBoot =
            now.boot
            + settings.heartbeat.backoff(
                failures: revocations[index].failures, retryAfterMs: retryAfterMs, dice: dice)
    }

    /// Tries again at once what has failed before. What has not is being asked already.
    package mutating func hurryRevocations(at now: Moment) {
        for index in revocations.indices where revocations[index].failures > 0 {
            revocations[index].dueAtBoot = min(revocations[index].dueAtBoot ?? now.boot, now.boot)
        }
    }

    /// The revocation to try now.
    package func dueRevocation(at now: Moment) -> QueuedRevocation? {
        revocations.filter { $0.dueAtBoot ?? .max <= now.boot }.min { $0.dueAtBoot ?? .max < $1.dueAtBoot ?? .max }
    }
}

extension ProviderTraits {
    /// The record should not hold a person's data for longer than it must.
    fileprivate func neededToRevoke(_ objects: [String: JSONValue]) -> [String: JSONValue] {
        var needed: [String: JSONValue] = [:]
        for (name, members) in revocationMembers {
            guard let object = objects[name]?.objectValue else { continue }
            needed[name] = .object(object.filter { members.contains($0.key) })
        }
        return needed
    }
}

extension TokenSet {
    /// Whether both speak for the same session. A JWT is renewed within a session, the session token names it.
    func isSameSession(as other: TokenSet) -> Bool {
        if sessionToken != nil || other.sessionToken != nil { return sessionToken == other.sessionToken }
        if refreshToken != nil || other.refreshToken != nil { return refreshToken == other.refreshToken }
        return self == other
    }
}
