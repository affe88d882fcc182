import SessionCore
import SessionProtocol

extension Dispatcher {
    /// The protocol versions that this server speaks.
    private static let versions: ClosedRange<Int64> = 1...1

    func serve(_ call: Call) throws(DispatchError) -> Dispatched {
        switch call.method {
        case .serverHello: return .answer(try hello(call.params))
        case .serverPing: return .read(.constant(.encoded(JSONValue.object(call.params.values).encoded)))
        case .serverHealth: return .answer(.result(environment.health().json))
        case .discover: return .answer(.encoded(discovery))
        case .serverCancel:
            switch call.params.values["id"] {
            case .integer(let number): return .cancel(.integer(number))
            case .string(let text): return .cancel(.string(text))
            default: throw .incident("server.cancel without an id after its check")
            }
        case .sessionUnwatch:
            return .unwatch(subscription: try call.params.required(call.params.string("subscription")))
        default: throw .incident("a method of no profile has no code")
        }
    }

    private func hello(_ params: CheckedParams) throws(DispatchError) -> Answer {
        if let spoken = params.values["protocol"], let min = spoken["min"]?.integerValue,
            let max = spoken["max"]?.integerValue
        {
            guard min <= max else {
                throw .refused(.invalidParams(path: "protocol.max", expected: "an integer no less than protocol.min"))
            }
            guard (min...max).overlaps(Self.versions) else {
                throw .refused(.protocolUnsupported(min: Self.versions.lowerBound, max: Self.versions.upperBound))
            }
        }
        var features: [JSONValue] = [
            "batch", "cancel", "discover", "expect", "timeout", "wait", "watch", "watch.all", "watch.since",
            "watch.topics",
        ]
        if authority != nil { features.append("authority") }
        return .result([
            "protocol": .integer(Self.versions.upperBound),
            "server": ["name": "sessiond", "version": .string(environment.version)],
            "instance": .string(environment.instance), "features": .array(features), "limits": limits.json,
        ])
    }

    func serverStatus(_ call: Call, figures: ServerFigures) -> Dispatched {
        let environment = environment
        return fromPublications(readableBy: call.grants) { publications in
            .result([
                "instance": .string(environment.instance), "version": .string(environment.version),
                "startedAt": .integer(environment.startedAt), "connections": .integer(Int64(figures.connections)),
                "subscriptions": .integer(Int64(figures.subscriptions)), "store": environment.store(),
                "counters": figures.counters.json,
                "profiles": .array(
                    publications.map {
                        [
                            "profile": .string($0.snapshot.profile), "provider": .string($0.snapshot.provider),
                            "phase": .string($0.snapshot.phase.rawValue),
                            "expiresAt": JSONValue($0.snapshot.expiresAt), "heartbeat": $0.snapshot.heartbeat.json,
                        ]
                    }),
            ])
        }
    }

    func profileList(_ call: Call) -> Dispatched {
        let defaultProfile = directory.defaultProfile
        return fromPublications(readableBy: call.grants) { publications in
            .result([
                "profiles": .array(
                    publications.map {
                        [
                            "profile": .string($0.snapshot.profile), "provider": .string($0.snapshot.provider),
                            "phase": .string($0.snapshot.phase.rawValue),
                            "isDefault": .bool($0.snapshot.profile == defaultProfile),
                        ]
                    })
            ])
        }
    }

    private func fromPublications(
        readableBy grants: Grants, _ answer: @escaping @Sendable ([Publication]) -> Answer
    ) -> Dispatched {
        let serving = directory.all.filter { grants.allows(.read, profile: $0.profile) }
        let now = environment.clock.now()
        let publications = serving.map(\.publication)
        if publications.allSatisfy({ $0.isCurrent(at: now) }) { return .answer(answer(publications)) }
        return .slow(
            SlowCall {
                var settled: [Publication] = []
                for profile in serving { settled.append(await profile.settle()) }
                return answer(settled)
            })
    }
}

extension Limits {
    /// The `limits` member of `server.hello`.
    fileprivate var json: JSONValue {
        let values: [String: Int] = [
            "maxRequestBytes": maxRequestBytes, "maxReplyBytes": maxReplyBytes, "maxDepth": maxDepth,
            "maxValues": maxValues, "maxBatch": maxBatch, "maxInFlight": maxInFlight,
            "maxSubscriptions": maxSubscriptions, "maxConnectionsPerUser": maxConnectionsPerUser,
            "maxConnections": maxConnections,
        ]
        return .object(values.mapValues { .integer(Int64($0)) })
    }
}
