import SessionProtocol

/// `/app`: the session, logging in and out, forgotten passwords.
extension BackstackService {
    mutating func app(_ call: BackstackCall) throws(BackstackFault) -> BackstackReply {
        switch call.name {
        case "GET app": return .value(world.app)
        case "GET app/session": return .session
        case "POST app/login": return try logIn(call)
        case "GET app/login-account": return .value(accountChoice(of: try choosing(call)))
        case "POST app/login-account", "POST app/login-account/*": return try chooseAccount(call)
        case "GET app/logout":
            world.sessions[call.sessionID]?.standing = .anonymous
            return .session
        case "POST app/forgot-password": return try forgetPassword(call)
        case "GET app/reset-password/*":
            guard world.resets.contains(where: { $0.token == call.steps[2] }) else { throw .unknownResource }
            return .value(["token": .string(call.steps[2])])
        case "POST app/reset-password": return try resetPassword(call)
        case "GET app/signup-domains":
            return .value(.array(world.domains.map { [$0.key: ["title": .string($0.value), "description": ""]] }))
        case "POST app/signup": return try signUp(call)
        case "GET app/signup/*": return try activate(call)
        default: throw .unknownResource
        }
    }

    private mutating func logIn(_ call: BackstackCall) throws(BackstackFault) -> BackstackReply {
        let username = try call.text("username")
        let password = try call.text("password")
        guard let user = world.users.values.first(where: { $0.username == username }), user.password == password else {
            throw .user("The username or the password is wrong.", status: choices.statusOfWrongPassword)
        }
        guard let first = user.accounts.first else { throw .user("There is no account for this user.") }
        if user.accounts.count == 1 {
            enter(first, user.id, call)
        } else {
            world.sessions[call.sessionID]?.standing = BackstackStanding(userID: user.id)
        }
        return .session
    }

    private mutating func enter(_ accountID: String, _ userID: String, _ call: BackstackCall) {
        world.sessions[call.sessionID]?.standing = BackstackStanding(userID: userID, accountID: accountID)
        world.users[userID]?.lastAccount = accountID
        let now = JSONValue.integer(call.now / 1000)
        if let fields = world.users[userID]?.fields {
            world.users[userID]?.fields = fields.placing(now, at: ["last_login"])
        }
        let account = world.accounts[accountID]
        world.accounts[accountID] = account?.placing(now, at: ["last_login"])
    }

    private func choosing(_ call: BackstackCall) throws(BackstackFault) -> String {
        guard let standing = world.sessions[call.sessionID]?.standing, let user = standing.userID,
            standing.accountID == nil
        else { throw BackstackFault(choices.statusWhenSignedOut, "no account is to be chosen") }
        return user
    }

    /// With the id in the body, or at the end of the path.
    private mutating func chooseAccount(_ call: BackstackCall) throws(BackstackFault) -> BackstackReply {
        let user = try choosing(call)
        enter(try accountOfCall(call, user), user, call)
        return .session
    }

    private func accountOfCall(_ call: BackstackCall, _ userID: String) throws(BackstackFault) -> String {
        let id = call.steps.count > 2 ? call.steps[2] : try call.text("account_id")
        guard world.users[userID]?.accounts.contains(id) == true else {
            throw .user("This account cannot be chosen.", ["account_id": "Unknown account."])
        }
        return id
    }

    /// Another account of a user who is signed in: everything in the session changes.
    mutating func changeAccount(_ call: BackstackCall) throws(BackstackFault) -> BackstackReply {
        let user = try signedIn(call).user
        enter(try accountOfCall(call, user), user, call)
        return .session
    }

    private mutating func forgetPassword(_ call: BackstackCall) throws(BackstackFault) -> BackstackReply {
        let email = try call.text("email")
        guard let user = world.users.values.first(where: { $0.fields["email"]?.stringValue == email }) else {
            throw .user("There is no user with this address.", ["email": "Unknown address."])
        }
        world.resets.append(("rst_" + world.ids.alphanumerics(24), user.id))
        return .value([:])
    }

    private mutating func resetPassword(_ call: BackstackCall) throws(BackstackFault) -> BackstackReply {
        let token = try call.text("token")
        guard let userID = world.resets.first(where: { $0.token == token })?.userID, let user = world.users[userID]
        else { throw .unknownResource }
        let password = try newPassword(call, of: user)
        world.resets.removeAll { $0.token == token }
        world.users[userID]?.password = password
        return .value(user.json)
    }

    /// At least 8 characters, twice the same, and not the username.
    func newPassword(_ call: BackstackCall, of user: BackstackUser) throws(BackstackFault) -> String {
        let password = try call.text("password")
        let second = call.body["confirm"] ?? call.body["confirm_password"]
        guard password.count >= 8, password != user.username else {
            throw .user("Please choose another password.", ["password": "At least 8 characters, not the username."])
        }
        guard second?.stringValue == password else {
            throw .user("The passwords differ.", ["confirm": "Not the same."])
        }
        return password
    }

    /// Where the browser has logged in on the pages of the service: the id that it brought back is good once.
    mutating func fetchJWT(_ call: BackstackCall) throws(BackstackFault) -> BackstackReply {
        guard call.name == "GET auth-server/fetch-jwt", let id = call.headers["x-fetch-jwt"],
            let standing = world.fetches.removeValue(forKey: id)
        else { throw .unknownResource }
        world.sessions[call.sessionID]?.standing = standing
        let jwt = world.issueJWT(call.sessionID, choices.oldJWT, now: call.now)
        return .value(["jwt": .string(jwt)])
    }
}
