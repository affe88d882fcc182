package import SessionProtocol

/// Filling the world.
extension FakeBackstack {
    /// What a version of the app gives: feature to letters of `crud`.
    package func setVersion(_ id: String, access: [String: String]) {
        stage.change { service, _ in
            service.world.versions[id] = access
            service.world.touch()
        }
    }

    /// What an optional feature adds.
    package func setFeature(_ id: String, access: [String: String]) {
        stage.change { service, _ in
            service.world.features[id] = access
            service.world.touch()
        }
    }

    /// The account's id. `fields` are put over the usual ones.
    @discardableResult
    package func addAccount(
        _ title: String, version: String = "ver_1", isAppAccount: Bool = false, fields: [String: JSONValue] = [:]
    ) -> String {
        stage.change { service, now in
            let id = "acc_" + service.world.ids.digits(10)
            var members: [String: JSONValue] = [
                "id": .string(id), "created": .integer(now / 1000), "title": .string(title), "address": "1 Quay",
                "city": "Oslo", "state": "", "zip": "0150", "url": "", "contact_name": "", "contact_email": "",
                "timezone_id": "Europe/Oslo", "country_id": "NO", "is_app_account": .bool(isAppAccount), "phone": "",
                "domain_id": "dom_1", "version_id": .string(version), "last_login": .integer(now / 1000),
                "utc_offset": 3600, "counters": [:], "optional_features": [],
                "stats": ["user_count": 1, "role_count": 1, "children_count": 0],
            ]
            members.merge(fields) { _, own in own }
            service.world.accounts[id] = .object(members)
            return id
        }
    }

    /// The user's id. With one account a login enters it, with several one is to be chosen.
    @discardableResult
    package func addUser(
        _ username: String, password: String, accounts: [String], roles: [String] = ["rol_1"],
        fields: [String: JSONValue] = [:]
    ) -> String {
        stage.change { service, now in
            let id = "usr_" + service.world.ids.digits(10)
            var members: [String: JSONValue] = [
                "id": .string(id), "created": .integer(now / 1000), "last_login": .integer(now / 1000),
                "username": .string(username), "name": .string(username),
                "email": .string(username + "@depot.example"), "avatar": "<svg/>", "avatar_color": "#952c8b",
                "hidden_tips": [], "screen_locked": false, "mobile_number": "",
                "roles": .array(roles.map(JSONValue.string)),
            ]
            members.merge(fields) { _, own in own }
            service.world.users[id] = BackstackUser(
                id: id, username: username, password: password, accounts: accounts, fields: .object(members))
            return id
        }
    }

    /// An id that GET /auth-server/fetch-jwt takes once, as a browser brings it back from the login pages.
    package func addFetchID(user: String, account: String) -> String {
        stage.change { service, _ in
            let id = "fetch_" + service.world.ids.alphanumerics(24)
            service.world.fetches[id] = BackstackStanding(userID: user, accountID: account)
            return id
        }
    }

    /// The jwt of a session that is signed in, without a call.
    package func openSession(user: String, account: String) -> String {
        stage.change { service, now in
            let id = service.world.openSession(providerID: "")
            service.world.sessions[id]?.standing = BackstackStanding(userID: user, accountID: account)
            return service.world.issueJWT(id, service.choices.oldJWT, now: now)
        }
    }
}
