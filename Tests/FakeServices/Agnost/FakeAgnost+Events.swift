package import SessionProtocol

/// Looking into the service, and what happens there without the client.
extension FakeAgnost {
    /// The tokens of the live sessions of a user, in no order; of all without one.
    package func tokens(of userID: String? = nil) -> Set<String> {
        stage.change { service, _ in
            Set(service.world.sessions.values.filter { userID == nil || $0.userID == userID }.map(\.token))
        }
    }

    /// The newest code that went to a phone and was not used.
    package func code(to phone: String) -> String? {
        stage.change { service, _ in
            service.world.tickets.last { $0.kind == .code && $0.address == phone }?.key
        }
    }

    /// The path and the query of the link in the newest mail to an address that was not clicked on.
    package func link(to email: String) -> FakeRequest? {
        let path = path("auth/verify")
        return stage.change { service, _ in
            guard let link = service.world.tickets.last(where: { $0.kind == .link && $0.address == email }) else {
                return nil
            }
            let query = ["key": link.key, "action": link.action.rawValue, "redirect": link.redirect ?? ""]
            return FakeRequest(verb: "GET", path: path, query: query)
        }
    }

    /// The row as the service shows it, nil where it is gone.
    package func user(_ id: String) -> JSONValue? {
        stage.change { service, _ in service.world.users[id].map { .object($0.shown) } }
    }

    /// The hash in the row, which no client may see.
    package func passwordHash(of id: String) -> String? {
        stage.change { service, _ in service.world.users[id]?.row["password"]?.stringValue }
    }

    /// Sets a column of a user's row. False where there is no such user.
    @discardableResult
    package func set(_ name: String, to value: JSONValue, of id: String) -> Bool {
        stage.change { service, _ in
            guard service.world.users[id] != nil else { return false }
            service.world.users[id]?.row[name] = value
            return true
        }
    }

    /// The session is signed out elsewhere.
    package func revoke(token: String) {
        stage.change { service, _ in
            if let key = service.world.key(of: token) {
                service.world.end(key, stillFound: service.choices.checksUntilGone)
            }
        }
    }

    package func revokeSessions(of userID: String, except kept: String? = nil) {
        for token in tokens(of: userID) where token != kept { revoke(token: token) }
    }

    /// The row goes, the sessions stay.
    package func deleteUser(_ id: String) {
        stage.change { service, _ in service.world.users[id] = nil }
    }

    /// The list of the user's sessions loses this one, which lives on: what two sign-ins at a time can do.
    package func loseFromList(token: String) {
        stage.change { service, _ in
            guard let key = service.world.key(of: token), let session = service.world.sessions[key] else { return }
            service.world.lists[session.userID]?.removeAll { $0 == key }
        }
    }

    /// The session store is emptied.
    package func loseAllSessions() {
        stage.change { service, _ in
            service.world.sessions = [:]
            service.world.lists = [:]
        }
    }

    /// No token verifies any more.
    package func changeTokenSecret() {
        stage.change { service, _ in service.world.changeSecret() }
    }
}
