package import SessionProtocol

extension TokenSet {
    /// The result of `session.token`. `hasEnded` leaves out the short-lived token, and when it ends.
    package func encoded(beside snapshot: Snapshot, hasEnded: Bool) -> [UInt8] {
        var writer = JSONWriter(capacity: 1024)
        writer.beginObject()
        writer.name("profile")
        writer.string(snapshot.profile)
        writer.name("revision")
        writer.integer(snapshot.revision)
        writer.name("stale")
        writer.bool(snapshot.phase == .stale || snapshot.phase == .unverified)
        writer.name("expiresAt")
        writer.value(JSONValue(snapshot.expiresAt))
        writer.name("tokens")
        writer.beginObject()
        // jwtExpiresAt speaks of the JWT, and of the access token only where there is no JWT.
        let accessTokenHasEnded = hasEnded && sessionJwt == nil
        let members = [
            ("sessionToken", sessionToken), ("sessionJwt", hasEnded ? nil : sessionJwt),
            ("accessToken", accessTokenHasEnded ? nil : accessToken), ("idToken", idToken),
        ]
        for case (let name, let token?) in members {
            writer.name(name)
            writer.string(token.reveal())
        }
        writer.endObject()
        if let jwtExpiresAt, !hasEnded {
            writer.name("jwtExpiresAt")
            writer.integer(jwtExpiresAt)
        }
        writer.endObject()
        return writer.bytes
    }
}
