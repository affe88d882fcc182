import SessionCore

extension EmbeddedAuthority {
    /// The unknown user costs what the wrong password does and gives the same error; that a user is disabled is told
    /// only to who has the password.
    func signIn(username: String, password: Secret?, minutes: Int) async throws(AuthorityError) -> IssuedSession {
        let username = try Username(username)
        let password = try AccountRules.check(password: password)
        let spanMs = try AccountRules.check(
            minutes: minutes, path: "sessionDurationMinutes", range: AccountRules.minutes)
        let known = try await database.write { db in try UserRecord.find(username, in: db) }
        let isRight = try await matches(password, known?.password ?? .unmatchable(cost: cost))
        guard let known, isRight else { throw .rejected(.invalidCredentials) }
        let now = now()
        let token = OpaqueToken(.session)
        let (session, user) = try await database.write { db in
            // The user may have been changed while the password was being checked.
            guard let user = try UserRecord.find(id: known.id, in: db), user.password == known.password else {
                throw AuthorityError.rejected(.invalidCredentials)
            }
            return try Self.begin(token, for: user, now: now, spanMs: spanMs, in: db)
        }
        return try await issue(session, of: user, token: token.secret, now: now)
    }

    func signUp(
        username: String, password: Secret?, name: String?, minutes: Int
    ) async throws(AuthorityError) -> IssuedSession {
        let username = try Username(username)
        let password = try AccountRules.check(password: password)
        let name = try AccountRules.check(name: name)
        let spanMs = try AccountRules.check(
            minutes: minutes, path: "sessionDurationMinutes", range: AccountRules.minutes)
        // Asked first, so that a taken name costs no hash.
        try await database.write { db in
            guard try UserRecord.find(username, in: db) == nil else { throw AuthorityError.rejected(.usernameTaken) }
        }
        let hash = try await hash(password)
        let now = now()
        let token = OpaqueToken(.session)
        let (session, user) = try await database.write { db in
            let user = try UserRecord.insert(
                NewUser(username: username, name: name, password: hash, access: [:], createdAt: now), in: db)
            return try Self.begin(token, for: user, now: now, spanMs: spanMs, in: db)
        }
        return try await issue(session, of: user, token: token.secret, now: now)
    }

    /// Redeems a grant. Of any number who try at once, one succeeds.
    func exchange(grant: Secret, minutes: Int) async throws(AuthorityError) -> IssuedSession {
        let spanMs = try AccountRules.check(
            minutes: minutes, path: "sessionDurationMinutes", range: AccountRules.minutes)
        let now = now()
        let digest = OpaqueToken.digest(of: grant)
        let token = OpaqueToken(.session)
        let (session, user) = try await database.write { db in
            guard let userID = try GrantRecord.redeem(tokenDigest: digest, at: now, in: db),
                let user = try UserRecord.find(id: userID, in: db)
            else { throw AuthorityError.rejected(.invalidGrant) }
            return try Self.begin(token, for: user, now: now, spanMs: spanMs, in: db)
        }
        return try await issue(session, of: user, token: token.secret, now: now)
    }

    private static func begin(
        _ token: OpaqueToken, for user: UserRecord, now: Int64, spanMs: Int64, in db: Database
    ) throws -> (SessionRecord, UserRecord) {
        guard !user.isDisabled else { throw AuthorityError.rejected(.userDisabled) }
        let session = try SessionRecord.insert(
            token: token, userID: user.id, now: now, expiresAt: now + spanMs, in: db)
        return (session, user)
    }

    func issue(
        _ session: SessionRecord, of user: UserRecord, token: Secret, now: Int64
    ) async throws(AuthorityError) -> IssuedSession {
        let (jwt, expiresAt) = try await database.signer().sign(
            userID: user.id, sessionID: session.id, now: now, sessionEnd: session.expiresAt)
        return IssuedSession(session: session, user: user, token: token, jwt: jwt, jwtExpiresAt: expiresAt)
    }
}
