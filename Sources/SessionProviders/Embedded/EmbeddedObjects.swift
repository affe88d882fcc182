import SessionCore
import SessionProtocol

/// The JSON shapes of docs/protocol.md, sections 6 and 8.
extension SessionRecord {
    /// The `session` object.
    var json: JSONValue {
        [
            "id": .string(id), "userId": .string(userID), "startedAt": .integer(startedAt),
            "lastSeenAt": .integer(lastSeenAt), "expiresAt": .integer(expiresAt),
        ]
    }

    func administrationJSON(username: String) -> JSONValue {
        [
            "id": .string(id), "username": .string(username), "startedAt": .integer(startedAt),
            "lastSeenAt": .integer(lastSeenAt), "expiresAt": .integer(expiresAt),
        ]
    }
}

extension UserRecord {
    /// The `user` object; `name` is null where the user has none.
    var json: JSONValue {
        ["id": .string(id), "username": .string(username), "name": JSONValue(name)]
    }

    /// The `access` object.
    var accessJSON: JSONValue {
        .object(access.mapValues(JSONValue.string))
    }

    var administrationJSON: JSONValue {
        var members: [String: JSONValue] = [
            "id": .string(id), "username": .string(username), "disabled": .bool(isDisabled),
            "createdAt": .integer(createdAt), "access": accessJSON,
        ]
        members["name"] = name.map(JSONValue.string)
        return .object(members)
    }
}

extension Confirmation {
    init(_ issued: IssuedSession) {
        self.init(
            objects: ["session": issued.session.json, "user": issued.user.json, "access": issued.user.accessJSON],
            tokens: TokenSet(
                sessionToken: issued.token, sessionJwt: issued.jwt, jwtExpiresAt: issued.jwtExpiresAt),
            expiry: .at(issued.session.expiresAt))
        sessionID = issued.session.id
        startedAt = issued.session.startedAt
    }
}
