import SessionProtocol

extension SessionClient {
    /// One profile of the daemon: a named slot for one session.
    ///
    /// A profile is a name and a connection; it costs nothing to make, and there need not be such a profile: every
    /// call of one that the daemon does not have throws `profileNotFound`.
    public struct Profile: Sendable {
        /// The connection that its calls go over.
        public let client: SessionClient
        /// nil: the daemon's default profile.
        public let name: String?
        let cache: ProfileCache
    }

    /// A profile by its name; without a name the daemon's default profile.
    public func profile(_ name: String? = nil) -> Profile {
        Profile(client: self, name: name, cache: caches.cache(of: name))
    }
}

extension SessionClient.Profile {
    /// Calls a method for this profile. Params that are nil are left out.
    func call(_ method: String, _ params: [String: JSONValue?] = [:]) async throws(SessionError) -> Reply {
        var sent = params.compactMapValues { $0 }
        if let name { sent["profile"] = .string(name) }
        return Reply(method: method, json: try await client.call(method, sent))
    }

    /// Calls a method that changes state.
    func change(
        _ method: String, _ params: [String: JSONValue?] = [:], _ expectation: Expectation?, timeout: Duration? = nil
    ) async throws(SessionError) -> Reply {
        var params = params
        params["expect"] = expectation?.json
        params["timeoutMs"] = timeout?.milliseconds
        return try await call(method, params)
    }
}

extension Duration {
    /// As a param.
    var milliseconds: JSONValue { .integer(wholeMilliseconds) }
}
