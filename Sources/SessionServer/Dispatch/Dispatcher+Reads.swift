import SessionCore
import SessionProtocol

extension Dispatcher {
    /// What the published state answers by itself.
    func read(_ call: Call, from serving: any ProfileServing) throws(DispatchError) -> Dispatched {
        switch call.method {
        case .sessionGet: return fromPublication(of: serving) { .encoded($0.encoded) }
        case .userGet:
            guard serving.traits.objects.contains("user") else { throw unsupported(call, by: serving) }
            return fromPublication(of: serving) {
                .result(($0.snapshot.objects["user"] ?? .unavailable(.notProvided)).json)
            }
        case .accessCheck:
            try require(.accessCheck, call, of: serving)
            let question = try accessQuestion(call.params)
            return fromPublication(of: serving) { publication in
                .result([
                    "allowed": .bool(serving.allows(question, in: publication)),
                    "lastValidatedAt": JSONValue(publication.snapshot.accessValidatedAt),
                ])
            }
        case .alertsList:
            try require(.alerts, call, of: serving)
            return fromPublication(of: serving) { .result(["alerts": .array(serving.alerts(in: $0))]) }
        case .sessionWatch: return .watch(try watch(call, of: serving))
        case .sessionWait:
            let phases = Set(try call.params.required(call.params.strings("until")).compactMap(Phase.init(rawValue:)))
            return .wait(PhaseWait(profile: serving.profile, phases: phases, timeoutMs: call.params.timeoutMs))
        default: throw .incident("a read has no code")
        }
    }

    /// Questions that the provider answers and the keeper asks.
    func query(_ call: Call, of serving: any ProfileServing) throws(DispatchError) -> Dispatched {
        let method = call.method
        let provider = serving.traits.name
        func slow(_ ask: @escaping @Sendable () async throws(KeeperError) -> Answer) -> Dispatched {
            .slow(
                SlowCall(timeoutMs: call.params.timeoutMs, entersKeeper: true) {
                    do throws(KeeperError) { return try await ask() } catch {
                        return .failed(.keeper(error, provider: provider, method: method))
                    }
                })
        }
        switch method {
        case .sessionList:
            try require(.listSessions, call, of: serving)
            return slow { () async throws(KeeperError) in
                .result(["sessions": .array(try await serving.listSessions().map(\.json))])
            }
        case .userFetch:
            try require(.fetchUser, call, of: serving)
            return slow { () async throws(KeeperError) in .result(try await serving.fetchUser().json) }
        case .accountList:
            try require(.accounts, call, of: serving)
            return slow { () async throws(KeeperError) in .result(try await serving.listAccounts().json) }
        default: throw .incident("a query has no code")
        }
    }

    private func accessQuestion(_ params: CheckedParams) throws(DispatchError) -> AccessQuestion {
        switch (params.string("required"), params.string("resource"), params.string("action")) {
        case (let required?, nil, nil): return .requirement(required)
        case (nil, let resource?, let action?): return .action(action, resource: resource)
        case (nil, nil, nil):
            throw .refused(.invalidParams(path: "required", expected: "a requirement, or resource and action"))
        case (nil, .some, nil):
            throw .refused(.invalidParams(path: "action", expected: "a string beside resource"))
        case (nil, nil, .some):
            throw .refused(.invalidParams(path: "resource", expected: "a string beside action"))
        default:
            throw .refused(.invalidParams(path: "required", expected: "no resource or action beside it"))
        }
    }

    private func watch(_ call: Call, of serving: any ProfileServing) throws(DispatchError) -> WatchRequest {
        var since: WatchRequest.Since?
        if let value = call.params.values["since"] {
            since = WatchRequest.Since(
                instance: try call.params.required(value["instance"]?.stringValue),
                revision: try call.params.required(value["revision"]?.integerValue))
        }
        let topics = try topics(call, objects: Set(serving.traits.objects)) { grants in
            grants.allows(.token, profile: serving.profile)
        }
        return WatchRequest(profile: serving.profile, topics: topics, since: since)
    }

    func watchAll(_ call: Call) throws(DispatchError) -> Dispatched {
        if call.params.values["profile"] != nil {
            throw .refused(.invalidParams(path: "profile", expected: "no profile beside all:true"))
        }
        if call.params.values["since"] != nil {
            throw .refused(.invalidParams(path: "since", expected: "no since beside all:true"))
        }
        let readable = directory.all.filter { call.grants.allows(.read, profile: $0.profile) }
        let objects = readable.reduce(into: Set<String>()) { $0.formUnion($1.traits.objects) }
        let topics = try topics(call, objects: objects) { $0.allowsSomewhere(.token) }
        return .watch(WatchRequest(profile: nil, topics: topics))
    }

    private func topics(
        _ call: Call, objects: Set<String>, mayLearnOfTokens: (Grants) -> Bool
    ) throws(DispatchError) -> Set<String>? {
        guard let topics = call.params.strings("topics") else { return nil }
        let known = objects.union(Topic.common)
        for (index, topic) in topics.enumerated() where !known.contains(topic) {
            throw .refused(
                .invalidParams(
                    path: "topics[\(index)]", expected: "one of \(known.sorted().joined(separator: ", "))"))
        }
        if topics.contains(Topic.token), !mayLearnOfTokens(call.grants) {
            throw .refused(.permissionDenied(needs: Permission.token.rawValue))
        }
        return Set(topics)
    }
}

extension Snapshot {
    /// The age of what access is judged by: the access object's where the provider has one.
    fileprivate var accessValidatedAt: Int64? {
        switch objects["access"] {
        case .available(_, let lastValidatedAt): lastValidatedAt
        case .unavailable, .loading: nil
        case nil: lastValidatedAt
        }
    }
}

extension ListedSession {
    fileprivate var json: JSONValue {
        var members: [String: JSONValue] = ["id": .string(id), "current": .bool(isCurrent), "value": value]
        if let createdAt { members["createdAt"] = .integer(createdAt) }
        if let userAgent { members["userAgent"] = .string(userAgent) }
        return .object(members)
    }
}

extension AccountList {
    fileprivate var json: JSONValue {
        [
            "accounts": .array(accounts.map { ["id": .string($0.id), "title": .string($0.title)] }),
            "current": JSONValue(current),
        ]
    }
}
