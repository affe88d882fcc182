package import SessionProtocol

/// Looking into the service, and what happens there without the client.
extension FakeBackstack {
    /// The jwts that are taken now.
    package var liveJWTs: Set<String> {
        stage.change { service, _ in
            let world = service.world
            return Set(world.jwts.filter { world.sessions[$0.value.sessionID] != nil }.keys)
        }
    }

    /// The newest token that was mailed to a user for a new password.
    package func resetToken(of userID: String) -> String? {
        stage.change { service, _ in service.world.resets.last { $0.userID == userID }?.token }
    }

    /// Where a new account can be made: id to title. Empty: nowhere.
    package func setDomains(_ domains: [String: String]) {
        stage.change { service, _ in
            service.world.domains = domains
            service.world.app = service.world.app.placing(.bool(!domains.isEmpty), at: ["allow_signup"])
        }
    }

    /// Somebody who has signed up opens the link in the mail. False where there is none.
    package func opensLink(_ username: String) -> Bool {
        stage.change { service, _ in
            let token = service.world.signUps.first { $0.value.username == username }?.key
            return token.flatMap { service.world.activate($0) } != nil
        }
    }

    /// Changes a user's or an account's object at a place, as a change in the dashboard does: `hidden_tips`,
    /// `counters.scans`, `stats.user_count`, `optional_features`. nil removes. False where there is no such id.
    @discardableResult
    package func set(_ place: String, to value: JSONValue?, of id: String) -> Bool {
        let steps = JSONValue.steps(place)
        return stage.change { service, _ in
            if service.world.accounts[id] != nil {
                service.world.setAccount(id, steps, value)
            } else if let user = service.world.users[id] {
                service.world.users[id]?.fields = user.fields.placing(value, at: steps[...])
                service.world.touch(user: id)
            } else {
                return false
            }
            return true
        }
    }

    /// Changes the app's own object.
    package func setApp(_ place: String, to value: JSONValue?) {
        let steps = JSONValue.steps(place)
        stage.change { service, _ in
            service.world.app = service.world.app.placing(value, at: steps[...])
            service.world.touch()
        }
    }

    /// What the user may do in an account, instead of what its version gives; nil: that again.
    package func setAccess(_ access: [String: String]?, of userID: String, in accountID: String) {
        stage.change { service, _ in
            service.world.users[userID]?.access[accountID] = access
            service.world.touch(user: userID)
        }
    }

    /// The alerts of every session that is signed in, in this order.
    package func setAlerts(_ alerts: [JSONValue]) {
        stage.change { service, _ in
            service.world.alerts = alerts
            service.world.touch()
        }
    }

    /// The screen is locked or unlocked in another session of the user.
    package func setLocked(_ isLocked: Bool, of userID: String) {
        stage.change { service, _ in service.world.lock(userID, isLocked) }
    }

    package func setPassword(_ password: String, of userID: String) {
        stage.change { service, _ in service.world.users[userID]?.password = password }
    }

    /// The logins of a user end; the sessions go on without: 200, `auth: false`.
    package func signOut(_ userID: String) {
        stage.change { service, _ in service.world.end(.signsOut) { $0.userID == userID } }
    }

    /// Every jwt that was handed out so far is refused from now on; the app key is not.
    package func killJWTs() {
        stage.change { service, _ in service.world.jwts = [:] }
    }

    package func delete(user id: String) {
        stage.change { service, _ in service.world.delete(user: id, service.choices.deletionOfUser) }
    }

    package func delete(account id: String) {
        stage.change { service, _ in service.world.delete(account: id, service.choices.deletionOfAccount) }
    }
}
