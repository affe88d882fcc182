import SessionProtocol

extension BackstackService {
    /// Finds the session behind the credential. Whatever is wrong with it, the answer is the same 401.
    mutating func admit(_ request: FakeRequest, now: Int64) throws(BackstackFault) -> BackstackCall {
        var call = BackstackCall(
            verb: request.verb, steps: request.path.split(separator: "/").map(String.init), query: request.query,
            headers: request.headers, body: [:], sessionID: 0, isFirst: false, now: now)
        guard let credential = credential(request) else { throw BackstackFault(401) }
        if credential == appKey {
            guard !choices.refusesAppKey else { throw BackstackFault(401) }
        } else {
            guard !choices.refusesJWTs, let session = world.session(of: credential, choices.oldJWT) else {
                throw BackstackFault(401)
            }
            call.sessionID = session
        }
        if !request.body.isEmpty, request.json != .null {
            guard let members = request.json?.objectValue else {
                throw BackstackFault(400, "the body is no JSON object")
            }
            call.body = members
        }
        if credential == appKey {
            call.sessionID = world.openSession(providerID: request.headers["x-provider-id"] ?? "")
            call.isFirst = true
        }
        try checkLock(call)
        return call
    }

    /// As it stands, without a scheme. The newest pages want the app key in Authorization and the jwt in a header of
    /// its own.
    private func credential(_ request: FakeRequest) -> String? {
        guard let authorization = request.headers["authorization"], !authorization.isEmpty else { return nil }
        if choices.generation != .bare, authorization == appKey, !choices.refusesAppKey,
            let jwt = request.headers["x-jwt"], !jwt.isEmpty
        {
            return jwt
        }
        return authorization
    }

    private func checkLock(_ call: BackstackCall) throws(BackstackFault) {
        guard let status = choices.statusWhileLocked, world.isLocked(call.sessionID) else { return }
        let isServed = call.steps.first == "app" || call.steps.dropFirst().first == "lock-screen"
        if !isServed { throw BackstackFault(status, "the screen is locked") }
    }

    /// The account and the user of a session that is signed in.
    func signedIn(_ call: BackstackCall) throws(BackstackFault) -> (user: String, account: String) {
        guard let standing = world.sessions[call.sessionID]?.standing, let user = standing.userID,
            let account = standing.accountID
        else { throw BackstackFault(choices.statusWhenSignedOut, "there is no login") }
        return (user, account)
    }
}
