import SessionProtocol

extension AgnostService {
    /// Lets a request in, or says why not, in the order of the server: rate, state, body, key, session, user model.
    mutating func admit(_ request: FakeRequest, now: Int64) throws(AgnostFault) -> AgnostCall {
        let base = "/\(environment)\(prefix)/"
        guard request.path.hasPrefix(base),
            let endpoint = AgnostEndpoint(rawValue: "\(request.verb) \(request.path.dropFirst(base.count))")
        else { throw .of("resource_not_found", "The server can not find the requested resource.") }
        var call = AgnostCall(
            endpoint: endpoint, query: request.query, body: [:], userAgent: request.headers["user-agent"], now: now)
        guard !endpoint.isSystem else { return call }
        guard !choices.isRateLimited else { throw .of("rate_limit_exceeded") }
        if let problem = choices.serverProblem { throw .of(problem) }
        call.body = try body(of: request)
        if endpoint.needsKey { try checkKey(request) }
        if endpoint.needsSession { call.session = try checkSession(request) }
        if endpoint.usesUserModel, let problem = choices.userModelProblem { throw .of(problem) }
        return call
    }

    private func body(of request: FakeRequest) throws(AgnostFault) -> [String: JSONValue] {
        guard !request.body.isEmpty else { return [:] }
        guard request.headers["content-type"]?.hasPrefix("application/json") == true else {
            throw .of("unsupported_content_type", "Only application/json is taken.")
        }
        guard let members = request.json?.objectValue else { throw .of("invalid_request_body", "Not a JSON object.") }
        return members
    }

    /// The key stands in Authorization as it is, else in the query.
    private func checkKey(_ request: FakeRequest) throws(AgnostFault) {
        guard let key = Self.nonEmpty(request.headers["authorization"]) ?? Self.nonEmpty(request.query["apikey"]) else {
            throw .of("missing_api_key")
        }
        guard key == apiKey else { throw .of("invalid_api_key") }
        if let problem = choices.apiKeyProblem { throw .of(problem) }
    }

    /// The token of the header wins; the cookie is asked only where there is none.
    private mutating func checkSession(_ request: FakeRequest) throws(AgnostFault) -> AgnostSession {
        guard let token = Self.nonEmpty(request.headers["session"]) ?? Self.cookie(request.headers["cookie"]) else {
            throw .of("missing_session_token", "There is no session token.")
        }
        guard let session = world.check(token) else {
            throw .of("invalid_session_token", "The session is not authorised or has expired.")
        }
        return session
    }

    private static func nonEmpty(_ text: String?) -> String? {
        text == "" ? nil : text
    }

    private static func cookie(_ header: String?) -> String? {
        for pair in header?.split(separator: ";") ?? [] {
            let parts = pair.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
            if parts.count == 2, parts[0] == "session_token" { return String(parts[1]) }
        }
        return nil
    }
}
