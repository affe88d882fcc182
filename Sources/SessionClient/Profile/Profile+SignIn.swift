public import SessionProtocol

extension SessionClient.Profile {
    /// Signs in, or begins to: where the result has a challenge, `answer` it.
    ///
    /// `sessionDuration` is 5 minutes to 366 days, rounded up to whole minutes; without one the profile's own counts.
    /// A refusal is `upstreamRejected` with the service's `reason`.
    @discardableResult
    public func signIn(
        _ method: SignInMethod, sessionDuration: Duration? = nil, expecting: Expectation? = nil,
        timeout: Duration? = nil
    ) async throws(SessionError) -> SignInResult {
        try await step(
            "session.signIn", ["method": .string(method.name)], method.fields, sessionDuration, expecting, timeout)
    }

    /// Signs in by a method that has no name here.
    @discardableResult
    public func signIn(
        method: String, fields: [String: JSONValue], sessionDuration: Duration? = nil, expecting: Expectation? = nil,
        timeout: Duration? = nil
    ) async throws(SessionError) -> SignInResult {
        try await signIn(
            SignInMethod(method, fields: fields), sessionDuration: sessionDuration, expecting: expecting,
            timeout: timeout)
    }

    /// Answers a challenge. A wrong answer is `upstreamRejected` and leaves the challenge open.
    @discardableResult
    public func answer(
        _ challenge: Challenge, with answer: ChallengeAnswer, sessionDuration: Duration? = nil,
        expecting: Expectation? = nil, timeout: Duration? = nil
    ) async throws(SessionError) -> SignInResult {
        try await step(
            "session.answer", ["challenge": .string(challenge.id)], answer.fields, sessionDuration, expecting, timeout)
    }

    /// Makes an account and signs in.
    @discardableResult
    public func signUp(
        _ method: SignInMethod, name: String? = nil, sessionDuration: Duration? = nil, expecting: Expectation? = nil,
        timeout: Duration? = nil
    ) async throws(SessionError) -> SignInResult {
        try await step(
            "session.signUp", ["method": .string(method.name), "name": name.map(JSONValue.string)], method.fields,
            sessionDuration, expecting, timeout)
    }

    /// Signs in with an access token that was issued elsewhere, such as an access grant of the embedded authority.
    @discardableResult
    public func exchange(
        accessToken: String, sessionDuration: Duration? = nil, expecting: Expectation? = nil, timeout: Duration? = nil
    ) async throws(SessionError) -> SignInResult {
        try await step(
            "session.exchange", ["accessToken": .string(accessToken)], [:], sessionDuration, expecting, timeout)
    }

    /// Exchanges the session for one in another organization.
    @discardableResult
    public func exchange(
        organizationID: String, sessionDuration: Duration? = nil, expecting: Expectation? = nil,
        timeout: Duration? = nil
    ) async throws(SessionError) -> SignInResult {
        try await step(
            "session.exchange", ["organizationId": .string(organizationID)], [:], sessionDuration, expecting, timeout)
    }

    private func step(
        _ method: String, _ own: [String: JSONValue?], _ fields: [String: JSONValue], _ sessionDuration: Duration?,
        _ expecting: Expectation?, _ timeout: Duration?
    ) async throws(SessionError) -> SignInResult {
        var params = own
        for (name, value) in fields { params[name] = value }
        params["sessionDurationMinutes"] = sessionDuration.map { .integer($0.wholeMinutes) }
        return try await change(method, params, expecting, timeout: timeout).signInResult()
    }
}
