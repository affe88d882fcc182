import SessionProtocol

/// How answers look in each generation.
extension BackstackService {
    mutating func show(_ reply: BackstackReply, _ call: BackstackCall) -> FakeAnswer {
        let isSession: Bool
        if case .session = reply { isSession = true } else { isSession = false }
        if isSession { world.sessions[call.sessionID]?.isStale = false }
        let jwt =
            isSession || choices.generation != .bare ? issue(call.sessionID, isFirst: call.isFirst, call.now) : nil
        let shown: JSONValue
        switch reply {
        case .session: shown = session(call.sessionID, jwt: jwt)
        case .value(let value): shown = compact(value)
        }
        switch choices.generation {
        case .bare: return .json(shown)
        case .enveloped(let name):
            var answer = FakeAnswer.json(["success": true, "message": "OK", name: shown])
            head(&answer, call.sessionID, jwt)
            return answer
        }
    }

    /// Errors of the third generation carry jwt and status too, where a session was found.
    mutating func refuse(
        _ fault: BackstackFault, _ request: FakeRequest, _ call: BackstackCall?, now: Int64
    ) -> FakeAnswer {
        var answer = fault.answer(to: request, choices, appID: world.appID)
        if let call, choices.generation != .bare {
            head(&answer, call.sessionID, issue(call.sessionID, isFirst: call.isFirst, now))
        }
        return answer
    }

    private func head(_ answer: inout FakeAnswer, _ sessionID: Int, _ jwt: String?) {
        if let jwt { answer.headers["x-jwt"] = jwt }
        guard let session = world.sessions[sessionID] else { return }
        let status = session.standing.accountID == nil ? "auth" : session.isStale ? "stale" : "current"
        answer.headers["x-session-status"] = status
    }

    /// The jwt that the answer brings; nil where it brings none.
    private mutating func issue(_ sessionID: Int, isFirst: Bool, _ now: Int64) -> String? {
        guard let session = world.sessions[sessionID], isFirst || !choices.leavesJWTOut else { return nil }
        if !choices.rotates, let last = session.jwt, world.jwts[last]?.standing == session.standing { return last }
        return world.issueJWT(sessionID, choices.oldJWT, now: now)
    }

    private func session(_ id: Int, jwt: String?) -> JSONValue {
        guard let session = world.sessions[id] else { return [:] }
        let standing = session.standing
        let isIn = standing.accountID != nil
        let access = world.access(standing, isDemo: choices.isDemo)
        var members: [String: JSONValue] = [
            "demo": .bool(choices.isDemo), "provider_id": .string(session.providerID), "app": world.app,
            "auth": auth(standing), "account": account(standing), "user": user(standing),
            "access": .object(access.mapValues(JSONValue.string)),
            "access_signature": .string(BackstackSignature.of(access)),
        ]
        if !choices.leavesAlertsOut, isIn || !choices.leavesAlertsOutSignedOut {
            members["alerts"] = .array(isIn ? world.alerts : [])
        }
        if choices.generation == .bare || choices.putsJWTInEnvelope { members["jwt"] = jwt.map(JSONValue.string) }
        return compact(.object(members))
    }

    private func auth(_ standing: BackstackStanding) -> JSONValue {
        guard let user = standing.userID else { return false }
        guard standing.accountID == nil else { return true }
        if choices.namesAccountChoice { return "select_account" }
        return ["select_account": accountChoice(of: user)]
    }

    func accountChoice(of userID: String) -> JSONValue {
        let accounts = world.accounts(of: userID, choices.loginAccounts)
        return ["accounts": accounts, "last_login": JSONValue(world.users[userID]?.lastAccount)]
    }

    private func account(_ standing: BackstackStanding) -> JSONValue {
        guard let id = standing.accountID, let account = world.accounts[id] else { return [:] }
        guard choices.appAccountAsNumber, let isApp = account["is_app_account"]?.boolValue else { return account }
        return account.placing(isApp ? 1 : 0, at: ["is_app_account"])
    }

    private func user(_ standing: BackstackStanding) -> JSONValue {
        guard let id = standing.userID, standing.accountID != nil || !choices.hidesUserWhileChoosing else { return [:] }
        return world.users[id]?.json ?? [:]
    }

    /// Empty maps as PHP writes them, where that is chosen.
    private func compact(_ value: JSONValue) -> JSONValue {
        guard choices.emptyMapsAsArrays else { return value }
        switch value {
        case .object(let members): return members.isEmpty ? [] : .object(members.mapValues(compact))
        case .array(let elements): return .array(elements.map(compact))
        default: return value
        }
    }
}
