import SessionCore
import SessionProtocol

/// A user's other sessions. Only the project's own server may see them; an app can end its own session and, in B2B,
/// all of its member's.
struct StytchSessions: Sendable {
    let channel: StytchChannel
    let verdict: StytchVerdict

    private var area: String { channel.project.product == .b2b ? "/b2b" : "" }
    private var sessionName: String { channel.project.product == .b2b ? "member_session_id" : "session_id" }

    func revoke(_ target: RevocationTarget, _ session: ProviderSession) async -> RevocationOutcome {
        switch (target, channel.project.isServer, channel.project.product) {
        case (.current, _, _): return await revokeOwn(session)
        case (.all, _, .b2b): return await revokeAllOfMember(session)
        case (_, false, _): return .notSupported
        case (.session(let id), true, _): return await revokeListed(id, session)
        case (.others, true, _), (.all, true, .consumer): return await revokeListed(session, withOwn: target == .all)
        }
    }

    private func revokeOwn(_ session: ProviderSession) async -> RevocationOutcome {
        guard let token = session.tokens.sessionToken else { return .confirmed }
        let answer = await channel.ask(.post("\(area)/sessions/revoke", session: token, isRepeatable: true))
        return verdict.revocation(answer, inOwnName: true)
    }

    /// Only one of the user's: the project's secret could end anybody's.
    private func revokeListed(_ id: String, _ session: ProviderSession) async -> RevocationOutcome {
        switch await list(session) {
        case .answer(let sessions):
            guard sessions.contains(where: { $0.id == id }) else {
                return .rejected(reason: "session_not_found", status: 404)
            }
            return await revoke(id: id)
        case let failure: return Self.outcome(failure)
        }
    }

    private func revoke(id: String) async -> RevocationOutcome {
        let answer = await channel.ask(
            .post("\(area)/sessions/revoke", [sessionName: .string(id)], isRepeatable: true))
        return verdict.revocation(answer, inOwnName: false)
    }

    /// With one call, the own session among them.
    private func revokeAllOfMember(_ session: ProviderSession) async -> RevocationOutcome {
        let member: JSONValue
        switch await owner(session) {
        case .answer(let object): member = object
        case let failure: return Self.outcome(failure)
        }
        guard let id = member.text("member_id") else { return .unreachable() }
        let call: StytchCall =
            channel.project.isServer
            ? .post("/b2b/sessions/revoke", ["member_id": .string(id)], isRepeatable: true)
            : .post(
                "/b2b/sessions/revoke/\(StytchCall.escaped(id))", session: session.tokens.sessionToken,
                isRepeatable: true)
        return verdict.revocation(await channel.ask(call), inOwnName: !channel.project.isServer)
    }

    /// One after the other, the own one last: what fails before leaves the session that can try again.
    private func revokeListed(_ session: ProviderSession, withOwn: Bool) async -> RevocationOutcome {
        switch await list(session) {
        case .answer(let sessions):
            var isPartly = false
            for other in sessions where !other.isCurrent {
                switch await revoke(id: other.id) {
                // Or gone by itself meanwhile.
                case .confirmed, .rejected("session_not_found", _): break
                case .rejected: isPartly = true
                case let outcome: return outcome
                }
            }
            if isPartly { return .partly }
            return withOwn ? await revokeOwn(session) : .confirmed
        case let failure: return Self.outcome(failure)
        }
    }

    /// A revocation for which a question had to be asked first, in vain.
    private static func outcome<Answer>(_ failure: QueryOutcome<Answer>) -> RevocationOutcome {
        switch failure {
        case .answer, .bringing: .unreachable()
        case .ended: .gone
        case .unreachable(let retryAfterMs): .unreachable(retryAfterMs: retryAfterMs)
        case .misconfigured(let reason): .misconfigured(reason: reason)
        case .rejected(let reason, let status): .rejected(reason: reason, status: status)
        case .notSupported: .notSupported
        }
    }

    func list(_ session: ProviderSession) async -> QueryOutcome<[ListedSession]> {
        guard channel.project.isServer else { return .notSupported }
        switch await owner(session) {
        case .answer(let owner):
            let query =
                channel.project.product == .b2b
                ? "organization_id=\(StytchCall.escaped(owner.text("organization_id") ?? ""))"
                    + "&member_id=\(StytchCall.escaped(owner.text("member_id") ?? ""))"
                : "user_id=\(StytchCall.escaped(owner.text("user_id") ?? ""))"
            let answer = await channel.ask(.get("\(area)/sessions?\(query)"))
            guard case .data(let data) = answer else { return verdict.query(answer, isAboutSession: false) }
            let name = channel.project.product == .b2b ? "member_sessions" : "sessions"
            guard let sessions = data[name]?.arrayValue else { return .unreachable() }
            let own = session.sessionID ?? owner.text(sessionName)
            return .answer(sessions.compactMap { listed($0, own: own) })
        case .ended(let reason): return .ended(reason)
        case .unreachable(let retryAfterMs): return .unreachable(retryAfterMs: retryAfterMs)
        case .misconfigured(let reason): return .misconfigured(reason: reason)
        case .rejected(let reason, let status): return .rejected(reason: reason, status: status)
        case .notSupported: return .notSupported
        case .bringing: return .unreachable()
        }
    }

    private func listed(_ session: JSONValue, own: String?) -> ListedSession? {
        guard let id = session.text(sessionName) else { return nil }
        return ListedSession(
            id: id, isCurrent: id == own, createdAt: Timestamp.milliseconds(session["started_at"]),
            userAgent: session["attributes"]?.text("user_agent"), value: session)
    }

    /// The session object that says whose it is; asked for where none is held yet.
    func owner(_ session: ProviderSession) async -> QueryOutcome<JSONValue> {
        let name = channel.project.product == .b2b ? "member_id" : "user_id"
        if let held = session.objects["session"], held.text(name) != nil { return .answer(held) }
        guard let token = session.tokens.sessionToken else { return .ended(.endedElsewhere) }
        let answer = await channel.ask(.post("\(area)/sessions/authenticate", session: token, isRepeatable: true))
        guard case .data(let data) = answer else { return verdict.query(answer, isAboutSession: true) }
        let payload = StytchPayload(data: data, product: channel.project.product)
        guard let found = payload.session, found.text(name) != nil else { return .unreachable() }
        return .answer(found)
    }
}
