import SessionProtocol

// The plain text inside a sealed record. Secrets leave their type here, and only to be sealed.

extension StoredProfile {
    /// The version of this format; a daemon does not guess at a later one.
    private static let version: Int64 = 1

    package var encoded: [UInt8] {
        var members: [String: JSONValue] = ["version": .integer(Self.version)]
        members["session"] = session?.json
        if let departure {
            var stored: [String: JSONValue] = [
                "cause": .string(departure.cause.kind.rawValue), "at": .integer(departure.cause.at),
                "reason": .string(departure.reason.rawValue),
            ]
            if !departure.lasting.isEmpty { stored["lasting"] = departure.lasting.json }
            members["departure"] = .object(stored)
        }
        if let challenge {
            members["challenge"] = challenge.challenge.json
            members["continuation"] = .object(challenge.continuation.mapValues { .string($0.reveal()) })
        }
        members["challengeSince"] = challengeSince.map(JSONValue.integer)
        members["challengeMinutes"] = challengeMinutes.map { .integer(Int64($0)) }
        if !revocations.isEmpty { members["revocations"] = .array(revocations.map(\.json)) }
        members["lastSuccessAt"] = lastSuccessAt.map(JSONValue.integer)
        return JSONValue.object(members).encoded
    }

    /// Deeper than any answer of a provider is read, as its objects lie some levels down in a record.
    private static let maxDepth = 256

    /// nil where the bytes are no record of this version.
    package init?(encoded: [UInt8]) {
        guard let json = try? JSONValue.parse(encoded, maxDepth: Self.maxDepth),
            json["version"]?.integerValue == Self.version
        else {
            return nil
        }
        self.init()
        if let stored = json["session"] {
            guard let session = StoredSession(json: stored) else { return nil }
            self.session = session
        }
        if let stored = json["departure"] {
            guard let kind = stored["cause"]?.stringValue.flatMap(Cause.Kind.init(rawValue:)),
                let at = stored["at"]?.integerValue,
                let reason = stored["reason"]?.stringValue.flatMap(ObjectInfo.Reason.init(rawValue:))
            else { return nil }
            departure = ProfileMachine.Departure(
                cause: Cause(kind, at: at), reason: reason, lasting: .init(json: stored["lasting"]))
        }
        if let stored = json["challenge"] {
            guard let challenge = Challenge(json: stored) else { return nil }
            let continuation = (json["continuation"]?.objectValue ?? [:]).compactMapValues { Secret($0.stringValue) }
            self.challenge = PendingChallenge(challenge: challenge, continuation: continuation)
        }
        challengeSince = json["challengeSince"]?.integerValue
        challengeMinutes = json["challengeMinutes"]?.integerValue.flatMap { Int(exactly: $0) }
        for stored in json["revocations"]?.arrayValue ?? [] {
            guard let revocation = QueuedRevocation.Stored(json: stored) else { return nil }
            revocations.append(revocation)
        }
        lastSuccessAt = json["lastSuccessAt"]?.integerValue
    }
}

extension StoredSession {
    var json: JSONValue {
        var members: [String: JSONValue] = ["tokens": tokens.json, "beganAt": .integer(beganAt)]
        members["sessionID"] = sessionID.map(JSONValue.string)
        members["objects"] = objects.json
        members["expiresAt"] = expiresAt.map(JSONValue.integer)
        members["lastValidatedAt"] = lastValidatedAt.map(JSONValue.integer)
        if let bounds {
            var boot: [String: JSONValue] = ["id": .string(bounds.bootID)]
            boot["endsAt"] = bounds.endsAt.map(JSONValue.integer)
            boot["jwtEndsAt"] = bounds.jwtEndsAt.map(JSONValue.integer)
            members["boot"] = .object(boot)
        }
        return .object(members)
    }

    init?(json: JSONValue) {
        guard let tokens = json["tokens"].map(TokenSet.init(json:)), let beganAt = json["beganAt"]?.integerValue,
            json["objects"]?.objectValue != nil
        else { return nil }
        self.init(
            tokens: tokens, sessionID: json["sessionID"]?.stringValue, objects: .init(json: json["objects"]),
            expiresAt: json["expiresAt"]?.integerValue, lastValidatedAt: json["lastValidatedAt"]?.integerValue,
            beganAt: beganAt,
            bounds: json["boot"]?["id"]?.stringValue.map {
                BootBounds(
                    bootID: $0, endsAt: json["boot"]?["endsAt"]?.integerValue,
                    jwtEndsAt: json["boot"]?["jwtEndsAt"]?.integerValue)
            })
    }
}

extension [String: HeldObject] {
    var json: JSONValue {
        .object(mapValues { ["value": $0.value, "lastValidatedAt": JSONValue($0.lastValidatedAt)] })
    }

    init(json: JSONValue?) {
        self = (json?.objectValue ?? [:]).compactMapValues { stored in
            stored["value"].map {
                HeldObject(value: $0, lastValidatedAt: stored["lastValidatedAt"]?.integerValue)
            }
        }
    }
}

extension TokenSet {
    var json: JSONValue {
        var members: [String: JSONValue] = [:]
        for (name, token) in [
            ("sessionToken", sessionToken), ("sessionJwt", sessionJwt), ("accessToken", accessToken),
            ("idToken", idToken), ("refreshToken", refreshToken),
        ] {
            members[name] = token.map { .string($0.reveal()) }
        }
        members["jwtExpiresAt"] = jwtExpiresAt.map(JSONValue.integer)
        return .object(members)
    }

    init(json: JSONValue) {
        func secret(_ name: String) -> Secret? { Secret(json[name]?.stringValue) }
        self.init(
            sessionToken: secret("sessionToken"), sessionJwt: secret("sessionJwt"),
            accessToken: secret("accessToken"), idToken: secret("idToken"), refreshToken: secret("refreshToken"),
            jwtExpiresAt: json["jwtExpiresAt"]?.integerValue)
    }
}

extension QueuedRevocation.Stored {
    var json: JSONValue {
        var members: [String: JSONValue] = [
            "id": .string(id), "tokens": session.tokens.json, "queuedAt": .integer(queuedAt),
        ]
        members["sessionID"] = session.sessionID.map(JSONValue.string)
        members["expiresAt"] = session.expiresAt.map(JSONValue.integer)
        if !session.objects.isEmpty { members["objects"] = .object(session.objects) }
        switch target {
        case .current: members["target"] = "current"
        case .others: members["target"] = "others"
        case .all: members["target"] = "all"
        case .session(let id): members["target"] = ["id": .string(id)]
        }
        return .object(members)
    }

    init?(json: JSONValue) {
        guard let id = json["id"]?.stringValue, let tokens = json["tokens"].map(TokenSet.init(json:)),
            let queuedAt = json["queuedAt"]?.integerValue
        else { return nil }
        let target: RevocationTarget
        switch (json["target"]?.stringValue, json["target"]?["id"]?.stringValue) {
        case ("current", _): target = .current
        case ("others", _): target = .others
        case ("all", _): target = .all
        case (nil, let session?): target = .session(id: session)
        default: return nil
        }
        self.init(
            id: id, target: target,
            session: ProviderSession(
                tokens: tokens, sessionID: json["sessionID"]?.stringValue,
                objects: json["objects"]?.objectValue ?? [:], expiresAt: json["expiresAt"]?.integerValue),
            queuedAt: queuedAt)
    }
}
