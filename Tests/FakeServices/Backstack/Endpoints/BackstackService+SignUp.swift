import SessionProtocol

/// A new account with its first user, neither of which is there before the link in a mail was opened.
extension BackstackService {
    mutating func signUp(_ call: BackstackCall) throws(BackstackFault) -> BackstackReply {
        let username = try call.text("username")
        guard world.domains[try call.text("domain_id")] != nil else {
            throw .user("This domain cannot be chosen.", ["domain_id": "Unknown domain."])
        }
        guard !world.users.values.contains(where: { $0.username == username }) else {
            throw .user("Please choose another username.", ["username": "It is taken."])
        }
        let fields: JSONValue = [
            "username": .string(username), "name": .string(try call.text("name")),
            "email": .string(try call.text("email")), "account_title": .string(try call.text("account_title")),
            "country_id": .string(try call.text("country_id")), "domain_id": .string(try call.text("domain_id")),
        ]
        let password = try call.text("password")
        guard password.count >= 8, password != username else {
            throw .user("Please choose another password.", ["password": "At least 8 characters, not the username."])
        }
        let user = BackstackUser(
            id: "usr_" + world.ids.digits(10), username: username, password: password, accounts: [], fields: fields)
        world.signUps["sgn_" + world.ids.alphanumerics(24)] = user
        return .value([:])
    }

    mutating func activate(_ call: BackstackCall) throws(BackstackFault) -> BackstackReply {
        guard let user = world.activate(call.steps[2]), let account = user.accounts.first else {
            throw .unknownResource
        }
        return .value([
            "account_id": .string(account), "user_id": .string(user.id), "domain_id": user.fields["domain_id"] ?? "",
            "version_id": "ver_1",
        ])
    }
}

extension BackstackWorld {
    /// The link with that token was opened; nil where there is none.
    mutating func activate(_ token: String) -> BackstackUser? {
        guard var user = signUps.removeValue(forKey: token) else { return nil }
        let account = "acc_" + ids.digits(10)
        accounts[account] = [
            "id": .string(account), "title": user.fields["account_title"] ?? "", "version_id": "ver_1",
            "counters": [:], "optional_features": [],
        ]
        user.accounts = [account]
        users[user.id] = user
        return user
    }
}
