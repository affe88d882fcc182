import SessionCore
import SessionProtocol

extension Dispatcher {
    /// Changes that answer with the snapshot which they produced, or hold it.
    func change(_ call: Call, of serving: any ProfileServing) throws(DispatchError) -> Dispatched {
        let params = call.params
        let expect = params.expectation
        switch call.method {
        case .sessionAuthenticate:
            let minutes = params.minutes
            if minutes != nil { try require(.extend, call, of: serving) }
            return publishing(call, serving) { () async throws(KeeperError) in
                try await serving.authenticate(durationMinutes: minutes, expect: expect)
            }
        case .sessionUpdate:
            try require(.update, call, of: serving)
            let handedIn = try handedIn(params, known: serving.traits.objects)
            return publishing(call, serving) { () async throws(KeeperError) in
                try await serving.update(handedIn, expect: expect)
            }
        case .sessionRevoke: return try revoke(call, of: serving)
        case .sessionInvalidate: return invalidate(call, serving)
        case .sessionClearLocal:
            return publishing(call, serving) { () async throws(KeeperError) in
                try await serving.clearLocal(expect: expect)
            }
        case .sessionLock:
            try require(.lock, call, of: serving)
            return publishing(call, serving) { () async throws(KeeperError) in try await serving.lock(expect: expect) }
        case .sessionUnlock:
            try require(.lock, call, of: serving)
            let password = try params.required(params.secret("password"))
            return publishing(call, serving) { () async throws(KeeperError) in
                try await serving.unlock(password: password, expect: expect)
            }
        case .userUpdate:
            try require(.updateUser, call, of: serving)
            let user = try params.required(params.values["user"])
            return publishing(call, serving) { () async throws(KeeperError) in
                try await serving.updateUser(user, expect: expect)
            }
        case .accountSwitch:
            try require(.accounts, call, of: serving)
            let account = try params.required(params.string("accountId"))
            return publishing(call, serving) { () async throws(KeeperError) in
                try await serving.switchAccount(id: account, expect: expect)
            }
        default: throw .incident("a change has no code")
        }
    }

    private func handedIn(_ params: CheckedParams, known objects: [String]) throws(DispatchError) -> HandedInSession {
        if params.values["user"] != nil, !objects.contains("user") {
            throw .refused(.invalidParams(path: "user", expected: "no user: this provider's objects have none"))
        }
        let session = params.values["session"]
        let inSession = session?["token"]
        if let inSession, Secret(inSession.stringValue) == nil {
            throw .refused(.invalidParams(path: "session.token", expected: ParamType.text.expected))
        }
        let given = params.secret("sessionToken")
        guard let token = given ?? Secret(inSession?.stringValue) else {
            throw .refused(.invalidParams(path: "sessionToken", expected: "sessionToken, or session with a token"))
        }
        if let inner = Secret(inSession?.stringValue), inner != token {
            throw .refused(.invalidParams(path: "session.token", expected: "the same token as sessionToken"))
        }
        let jwt = params.secret("sessionJwt")
        let names = [(given == nil ? "session.token" : "sessionToken", token), ("sessionJwt", jwt)]
        for case (let path, let credential?) in names where credential.hasControlCharacters {
            throw .refused(.invalidParams(path: path, expected: "a token as it was given, without line breaks"))
        }
        let secrets: Set<Secret> = Set([token, jwt].compactMap { $0 })
        return HandedInSession(
            sessionToken: token, sessionJwt: jwt, session: session?.removing(secrets),
            user: params.values["user"]?.removing(secrets))
    }

    private func revoke(_ call: Call, of serving: any ProfileServing) throws(DispatchError) -> Dispatched {
        let target: RevocationTarget
        switch call.params.values["target"] {
        case nil, .string("current"): target = .current
        case .string("others"):
            try require(.revokeOthers, call, of: serving)
            target = .others
        case .string("all"):
            try require(.revokeAll, call, of: serving)
            target = .all
        case .some(let value):
            try require(.revokeByID, call, of: serving)
            target = .session(id: try call.params.required(value["id"]?.stringValue))
        }
        let force = call.params.bool("force")
        let expect = call.params.expectation
        return changing(call, serving) { () async throws(KeeperError) in
            let result = try await serving.revoke(target, force: force, expect: expect)
            return .around(
                result.publication,
                ["confirmed": .bool(result.isConfirmed), "pending": .bool(result.isPending)])
        }
    }

    private func invalidate(_ call: Call, _ serving: any ProfileServing) -> Dispatched {
        let expect = call.params.expectation
        return changing(call, serving) { () async throws(KeeperError) in
            let publication = try await serving.invalidate(expect: expect)
            return .around(publication, serving.signInURL.map { ["signInURL": .string($0)] } ?? [:])
        }
    }

    private func publishing(
        _ call: Call, _ serving: any ProfileServing,
        _ run: @escaping @Sendable () async throws(KeeperError) -> Publication
    ) -> Dispatched {
        changing(call, serving) { () async throws(KeeperError) in .encoded(try await run().encoded) }
    }

    private func changing(
        _ call: Call, _ serving: any ProfileServing, _ run: @escaping @Sendable () async throws(KeeperError) -> Answer
    ) -> Dispatched {
        let method = call.method
        let provider = serving.traits.name
        return .slow(
            SlowCall(timeoutMs: call.params.timeoutMs, isChange: true, entersKeeper: true) {
                do throws(KeeperError) { return try await run() } catch {
                    return .failed(.keeper(error, provider: provider, method: method))
                }
            })
    }
}

extension Answer {
    /// An object of `members` and the snapshot.
    fileprivate static func around(_ publication: Publication, _ members: [String: JSONValue]) -> Answer {
        var writer = JSONWriter(capacity: publication.encoded.count + 256)
        writer.beginObject()
        for (name, value) in members {
            writer.name(name)
            writer.value(value)
        }
        writer.name("snapshot")
        writer.raw(publication.encoded)
        writer.endObject()
        return .encoded(writer.bytes)
    }
}

extension JSONValue {
    /// Without members that hold one of these tokens, at any depth: objects are for every reader.
    fileprivate func removing(_ secrets: Set<Secret>) -> JSONValue {
        switch self {
        case .object(let members):
            let kept = members.filter { Secret($0.value.stringValue).map { !secrets.contains($0) } ?? true }
            return .object(kept.mapValues { $0.removing(secrets) })
        case .array(let elements):
            return .array(elements.map { $0.removing(secrets) })
        default: return self
        }
    }
}

extension Secret {
    /// No token has any, and one with a line break would be two headers at the service.
    fileprivate var hasControlCharacters: Bool { reveal().utf8.contains { $0 < 0x20 || $0 == 0x7F } }
}
