public import SessionProtocol

/// The accounts that the user can switch between.
public struct AccountList: Sendable, Hashable {
    /// One account.
    public struct Account: Sendable, Hashable {
        /// For `switchAccount(to:)`.
        public let id: String
        /// For people.
        public let title: String
    }

    /// All of them.
    public let accounts: [Account]
    /// The id of the one in use.
    public let current: String?
}

extension SessionClient.Profile {
    /// The accounts that the user can switch between, asked of the auth service.
    public func accounts(timeout: Duration? = nil) async throws(SessionError) -> AccountList {
        let reply = try await call("account.list", ["timeoutMs": timeout?.milliseconds])
        let accounts = try reply.array("accounts") { (account) throws(SessionError) in
            AccountList.Account(id: try account.string("id"), title: try account.string("title"))
        }
        return AccountList(accounts: accounts, current: reply.json["current"]?.stringValue)
    }

    /// Goes on with another account of the user.
    @discardableResult
    public func switchAccount(
        to id: String, expecting: Expectation? = nil, timeout: Duration? = nil
    ) async throws(SessionError) -> Snapshot {
        try await change("account.switch", ["accountId": .string(id)], expecting, timeout: timeout).snapshot()
    }
}
