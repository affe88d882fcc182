import SessionCore

/// What the holder of a session token may ask. Whoever holds none is answered with `ended`.
extension EmbeddedAuthority {
    /// Vouches for the session, with a new JWT. Never moves its end.
    func validate(token: Secret, heldEnd: Int64?) async throws(AuthorityError) -> IssuedSession {
        let now = now()
        let (session, user) = try await asHolder(of: token, heldEnd: heldEnd, at: now) { session, user, db in
            (try session.touched(at: now, in: db), user)
        }
        return try await issue(session, of: user, token: token, now: now)
    }

    /// Moves the session's end to that many minutes from now, which may be sooner than it was.
    func extend(
        token: Secret, heldEnd: Int64?, minutes: Int, from origin: HintBoard.Origin
    ) async throws(AuthorityError) -> IssuedSession {
        let spanMs = try AccountRules.check(
            minutes: minutes, path: "sessionDurationMinutes", range: AccountRules.minutes)
        let now = now()
        let (session, user) = try await asHolder(of: token, heldEnd: heldEnd, at: now) { session, user, db in
            (try session.moved(end: now + spanMs, at: now, in: db), user)
        }
        board.post([session.id], from: origin)
        return try await issue(session, of: user, token: token, now: now)
    }

    /// Ends sessions of the holder's user. Another user's session is as unknown as one that does not exist.
    func revoke(
        _ target: RevocationTarget, token: Secret, heldEnd: Int64?, from origin: HintBoard.Origin
    ) async throws(AuthorityError) {
        let now = now()
        let ended = try await asHolder(of: token, heldEnd: heldEnd, at: now) { session, user, db in
            switch target {
            case .others:
                return try SessionRecord.endAll(ofUser: user.id, except: session.id, at: now, in: db)
            case .all:
                return try SessionRecord.endAll(ofUser: user.id, at: now, in: db)
            case .current:
                _ = try SessionRecord.end(id: session.id, at: now, in: db)
                return [session.id]
            case .session(let id):
                guard try SessionRecord.end(id: id, ofUser: user.id, at: now, in: db) else {
                    throw AuthorityError.rejected(.sessionNotFound)
                }
                return [id]
            }
        }
        board.post(ended, from: origin)
    }

    /// The user, and the user's live sessions, with the holder's own.
    func sessions(
        token: Secret, heldEnd: Int64?
    ) async throws(AuthorityError) -> (own: SessionRecord, all: [SessionRecord], user: UserRecord) {
        let now = now()
        return try await asHolder(of: token, heldEnd: heldEnd, at: now) { session, user, db in
            (session, try SessionRecord.live(ofUser: user.id, at: now, in: db), user)
        }
    }

    /// Carries out `body` in one transaction if the token is that of a live session.
    ///
    /// A session that is no longer in the database has expired if `heldEnd`, the end that its holder was told, has
    /// passed; otherwise somebody ended it.
    private func asHolder<Answer: Sendable>(
        of token: Secret, heldEnd: Int64?, at now: Int64,
        _ body: @escaping @Sendable (SessionRecord, UserRecord, Database) throws -> Answer
    ) async throws(AuthorityError) -> Answer {
        let digest = OpaqueToken.digest(of: token)
        return try await database.write { db in
            guard let session = try SessionRecord.find(tokenDigest: digest, in: db),
                let user = try UserRecord.find(id: session.userID, in: db), !user.isDisabled
            else {
                throw AuthorityError.ended(heldEnd.map { $0 <= now } == true ? .expired : .endedElsewhere)
            }
            guard session.expiresAt > now else { throw AuthorityError.ended(.expired) }
            return try body(session, user, db)
        }
    }
}
