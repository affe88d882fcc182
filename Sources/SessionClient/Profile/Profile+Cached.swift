public import SessionProtocol

extension SessionClient.Profile {
    /// The session as last heard, at once and without asking: for a frame to draw or a request to check.
    ///
    /// The first look starts a watch and answers `loading`; from then on a change is here as soon as the daemon has
    /// told it. While the daemon is away the last state stays, until the session's end. `lastValidatedAt` is that of
    /// the last change: heartbeats that change nothing are not told. `session()` asks.
    public var cachedSession: ObjectInfo {
        guard let seen = cache.look(client.link, { (session: $0.session, expiresAt: $0.expiresAt) }) else {
            return .loading
        }
        return seen.session.unlessPast(seen.expiresAt)
    }

    /// Who is signed in, as last heard; as `cachedSession`.
    public var cachedUser: ObjectInfo { cached(.user) }

    /// An object as last heard; as `cachedSession`.
    public func cached(_ name: ObjectName) -> ObjectInfo {
        guard let posting = cache.look(client.link, { $0 }) else { return .loading }
        return posting.current(name)
    }

    /// The whole state as last heard; nil before the first. While the daemon is away this may be past its
    /// `expiresAt`.
    public var cachedSnapshot: Snapshot? { cache.look(client.link, { $0.snapshot }) }
}
