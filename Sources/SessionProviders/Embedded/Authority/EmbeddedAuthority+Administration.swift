package import SessionCore
package import SessionProtocol

extension EmbeddedAuthority: AuthorityAdministration {
    package func users() throws(AdministrationError) -> [JSONValue] {
        try administering { () throws(AuthorityError) in
            try database.blockingWrite { db in try UserRecord.all(in: db) }.map(\.administrationJSON)
        }
    }

    package func addUser(
        username: String, password: Secret, name: String?, access: [String: String]
    ) async throws(AdministrationError) -> JSONValue {
        do {
            let username = try Username(username)
            let password = try AccountRules.check(password: password)
            let name = try AccountRules.check(name: name)
            try AccountRules.check(access: access)
            let hash = try await hash(password)
            let new = NewUser(username: username, name: name, password: hash, access: access, createdAt: now())
            return try await database.write { db in try UserRecord.insert(new, in: db) }.administrationJSON
        } catch {
            throw AdministrationError(error)
        }
    }

    /// An empty name takes the name away. What ends the user's sessions also voids the user's grants.
    package func updateUser(
        username: String, name: String?, password: Secret?, disabled: Bool?, access: [String: String]?
    ) async throws(AdministrationError) -> JSONValue {
        do {
            let username = try Username(username)
            let newName = try AccountRules.check(name: name)
            if let access { try AccountRules.check(access: access) }
            var hash: PasswordHash?
            if let password { hash = try await self.hash(AccountRules.check(password: password)) }
            let now = now()
            let (user, concerned) = try await database.write { [hash] db in
                let id = try Self.requireUser(username, in: db).id
                if name != nil { try UserRecord.setName(newName, ofUser: id, in: db) }
                if let access { try UserRecord.setAccess(access, ofUser: id, in: db) }
                if let disabled { try UserRecord.setDisabled(disabled, ofUser: id, in: db) }
                if let hash { try UserRecord.setPassword(hash, ofUser: id, in: db) }
                let concerned = Set(try SessionRecord.live(ofUser: id, at: now, in: db).map(\.id))
                if hash != nil || disabled == true {
                    _ = try SessionRecord.endAll(ofUser: id, at: now, in: db)
                    try GrantRecord.deleteAll(ofUser: id, in: db)
                }
                return (try Self.requireUser(username, in: db), concerned)
            }
            board.post(concerned)
            return user.administrationJSON
        } catch {
            throw AdministrationError(error)
        }
    }

    package func removeUser(username: String) throws(AdministrationError) {
        try administering { () throws(AuthorityError) in
            let username = try Username(username)
            let now = now()
            let ended = try database.blockingWrite { db in
                let user = try Self.requireUser(username, in: db)
                let ended = try SessionRecord.endAll(ofUser: user.id, at: now, in: db)
                try UserRecord.delete(id: user.id, in: db)
                return ended
            }
            board.post(ended)
        }
    }

    package func sessions(username: String?) throws(AdministrationError) -> [JSONValue] {
        try administering { () throws(AuthorityError) in
            var wanted: Username?
            if let username { wanted = try Username(username) }
            let now = now()
            return try database.blockingWrite { [wanted] db in
                let users = try wanted.map { [try Self.requireUser($0, in: db)] } ?? UserRecord.all(in: db)
                let names = Dictionary(users.map { ($0.id, $0.username) }, uniquingKeysWith: { first, _ in first })
                let onlyID = wanted == nil ? nil : users.first?.id
                return try SessionRecord.live(ofUser: onlyID, at: now, in: db).map { session in
                    session.administrationJSON(username: names[session.userID] ?? "")
                }
            }
        }
    }

    package func revokeSession(id: String) throws(AdministrationError) {
        try administering { () throws(AuthorityError) in
            let now = now()
            try database.blockingWrite { db in
                guard try SessionRecord.end(id: id, at: now, in: db) else {
                    throw AuthorityError.rejected(.sessionNotFound)
                }
            }
            board.post([id])
        }
    }

    /// Refused for a disabled user. Lives for 1 to 527040 minutes.
    package func grant(username: String, expiresInMinutes: Int) throws(AdministrationError) -> Secret {
        try administering { () throws(AuthorityError) in
            let username = try Username(username)
            let spanMs = try AccountRules.check(
                minutes: expiresInMinutes, path: "expiresInMinutes", range: 1...AccountRules.minutes.upperBound)
            let now = now()
            let token = OpaqueToken(.grant)
            try database.blockingWrite { db in
                try SessionRecord.prune(at: now, in: db)
                let user = try Self.requireUser(username, in: db)
                guard !user.isDisabled else { throw AuthorityError.rejected(.userDisabled) }
                try GrantRecord.insert(token: token, userID: user.id, expiresAt: now + spanMs, in: db)
            }
            return token.secret
        }
    }

    package func jwks() throws(AdministrationError) -> [JSONValue] {
        try administering { () throws(AuthorityError) in [try database.blockingSigner().jwk] }
    }

    private static func requireUser(_ username: Username, in db: Database) throws -> UserRecord {
        guard let user = try UserRecord.find(username, in: db) else { throw AuthorityError.rejected(.userNotFound) }
        return user
    }

    private func administering<Answer>(
        _ body: () throws(AuthorityError) -> Answer
    ) throws(AdministrationError) -> Answer {
        do {
            return try body()
        } catch {
            throw AdministrationError(error)
        }
    }
}

extension AdministrationError {
    init(_ error: AuthorityError) {
        switch error {
        case .rejected(let reason): self = .rejected(reason: reason.rawValue)
        case .invalidField(let path, let expected): self = .invalidField(path: path, expected: expected)
        // An administrator holds no session that could have ended.
        case .unavailable, .busy, .unusable, .ended: self = .storeFailed
        }
    }
}
