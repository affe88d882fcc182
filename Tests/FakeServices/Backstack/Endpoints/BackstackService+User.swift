import SessionProtocol

/// `/user`: the lock, the accounts to change to, the user's own data.
extension BackstackService {
    mutating func user(_ call: BackstackCall) throws(BackstackFault) -> BackstackReply {
        let userID = try signedIn(call).user
        guard let user = world.users[userID] else { throw .unknownResource }
        switch call.name {
        case "GET user": return .value(user.json)
        case "POST user":
            let changed = call.body.filter { $0.key != "id" }
            world.users[userID]?.fields = changed.reduce(user.fields) { $0.placing($1.value, at: [$1.key]) }
            world.touch(user: userID)
            return .value(["id": .string(userID)])
        case "DELETE user":
            world.delete(user: userID, choices.deletionOfUser)
            return .value(["id": .string(userID)])
        case "GET user/lock-screen":
            world.lock(userID, true)
            return .session
        case "POST user/lock-screen":
            guard try call.text("password") == user.password else {
                throw .user(
                    "The password is wrong.", ["password": "Wrong."], status: choices.statusOfWrongPassword)
            }
            world.lock(userID, false)
            return .session
        case "POST user/change-password":
            let password = try newPassword(call, of: user)
            world.users[userID]?.password = password
            return .value(user.json)
        case "GET user/change-account" where !choices.hasMovedAccounts:
            return .value(world.accounts(of: userID, choices.changeAccounts))
        case "POST user/change-account" where !choices.hasMovedAccounts,
            "POST user/change-account/*" where !choices.hasMovedAccounts:
            return try changeAccount(call)
        case "POST user/hidden-tips/*", "POST user/hide-tips/*":
            try setTips(userID) { $0.contains(.string(call.steps[2])) ? $0 : $0 + [.string(call.steps[2])] }
        case "DELETE user/hidden-tips", "POST user/unhide-tips": try setTips(userID) { _ in [] }
        default: throw .unknownResource
        }
        return .value(["hidden_tips": world.users[userID]?.fields["hidden_tips"] ?? []])
    }

    private mutating func setTips(
        _ userID: String, _ change: ([JSONValue]) -> [JSONValue]
    ) throws(BackstackFault) {
        guard let fields = world.users[userID]?.fields else { throw .unknownResource }
        let tips = change(fields["hidden_tips"]?.arrayValue ?? [])
        world.users[userID]?.fields = fields.placing(.array(tips), at: ["hidden_tips"])
        world.touch(user: userID)
    }
}
