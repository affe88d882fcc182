extension Snapshot {
    /// The wire shape.
    package var json: JSONValue {
        [
            "profile": .string(profile), "provider": .string(provider), "instance": .string(instance),
            "revision": .integer(revision), "phase": .string(phase.rawValue),
            "cause": ["kind": .string(cause.kind.rawValue), "at": .integer(cause.at)],
            "expiresAt": JSONValue(expiresAt), "lastValidatedAt": JSONValue(lastValidatedAt),
            "objects": .object(objects.mapValues(\.json)), "heartbeat": heartbeat.json,
            "challenge": challenge?.json ?? .null,
        ]
    }

    /// Reads the wire shape; nil where a member that every version has is missing or of another type.
    /// A phase that this version does not know is read by what the snapshot holds (`Phase.init(word:objects:)`).
    package init?(json: JSONValue) {
        guard let profile = json["profile"]?.stringValue, let provider = json["provider"]?.stringValue,
            let instance = json["instance"]?.stringValue, let revision = json["revision"]?.integerValue,
            let phase = json["phase"]?.stringValue,
            let causeAt = json["cause"]?["at"]?.integerValue,
            let cause = json["cause"]?["kind"]?.stringValue.flatMap(Cause.Kind.init(rawValue:)),
            let objects = json["objects"]?.objectValue,
            let heartbeat = json["heartbeat"].flatMap(HeartbeatStatus.init(json:))
        else { return nil }
        let infos = objects.compactMapValues(ObjectInfo.init)
        self.init(
            profile: profile, provider: provider, instance: instance, revision: revision,
            phase: Phase(word: phase, objects: infos), cause: Cause(cause, at: causeAt),
            expiresAt: json["expiresAt"]?.integerValue, lastValidatedAt: json["lastValidatedAt"]?.integerValue,
            objects: infos, heartbeat: heartbeat, challenge: json["challenge"].flatMap(Challenge.init(json:)))
    }
}

extension Phase {
    /// The phase of that name. A name from a newer daemon says nothing that this version could act on, so it reads as
    /// `stale` where a session is served and as `loading` where none is: never as a confirmed session or a sign-out.
    fileprivate init(word: String, objects: [String: ObjectInfo]) {
        if let known = Phase(rawValue: word) {
            self = known
        } else if case .available = objects["session"] {
            self = .stale
        } else {
            self = .loading
        }
    }
}

extension HeartbeatStatus {
    /// The wire shape.
    package var json: JSONValue {
        [
            "intervalMs": .integer(intervalMs), "lastAttemptAt": JSONValue(lastAttemptAt),
            "lastSuccessAt": JSONValue(lastSuccessAt), "nextAttemptAt": JSONValue(nextAttemptAt),
            "failures": .integer(failures),
            "lastError": lastError.map { ["kind": .string($0.kind), "at": .integer($0.at)] } ?? .null,
        ]
    }

    /// Reads the wire shape.
    package init?(json: JSONValue) {
        guard let intervalMs = json["intervalMs"]?.integerValue else { return nil }
        var lastError: Failure?
        if let kind = json["lastError"]?["kind"]?.stringValue, let at = json["lastError"]?["at"]?.integerValue {
            lastError = Failure(kind: kind, at: at)
        }
        self.init(
            intervalMs: intervalMs, lastAttemptAt: json["lastAttemptAt"]?.integerValue,
            lastSuccessAt: json["lastSuccessAt"]?.integerValue, nextAttemptAt: json["nextAttemptAt"]?.integerValue,
            failures: json["failures"]?.integerValue ?? 0, lastError: lastError)
    }
}
