import SessionProtocol

/// `/account`: counters, optional features, the version. Each changes all sessions of the account.
extension BackstackService {
    mutating func account(_ call: BackstackCall) throws(BackstackFault) -> BackstackReply {
        let (userID, accountID) = try signedIn(call)
        guard let account = world.accounts[accountID] else { throw .unknownResource }
        let item = call.steps.count > 2 ? call.steps[2] : ""
        switch call.name {
        case "GET account": return .value(account)
        case "POST account":
            for (name, value) in call.body where name != "id" { world.setAccount(accountID, [name], value) }
        case "DELETE account": world.delete(account: accountID, choices.deletionOfAccount)
        case "POST account/counters/*":
            guard call.steps.count == 4, let step = Int64(call.steps[3]) else { throw .unknownResource }
            let count = (account.value(at: ["counters", item])?.integerValue ?? 0) + step
            world.setAccount(accountID, ["counters", item], .integer(count))
            return .value(["id": .string(item), "value": .integer(count)])
        case "DELETE account/counters/*": world.setAccount(accountID, ["counters", item], nil)
        case "POST account/optional-features/*":
            let isActive = world.toggle(feature: item, of: accountID)
            return .value(["id": .string(item), "active": .bool(isActive)])
        case "GET account/optional-features", "GET account/optional-features/*":
            return .value(account["optional_features"] ?? [])
        case "POST account/versions/*": world.setAccount(accountID, ["version_id"], .string(item))
        case "GET account/change-account" where choices.generation != .bare:
            return .value([
                "accounts": world.accounts(of: userID, choices.changeAccounts), "current": .string(accountID),
            ])
        case "POST account/change-account" where choices.generation != .bare: return try changeAccount(call)
        default: throw .unknownResource
        }
        return .value(["account_id": .string(accountID)])
    }
}
