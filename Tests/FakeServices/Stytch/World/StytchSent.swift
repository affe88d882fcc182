/// A one-time code that the service has sent.
package struct FakeStytchCode: Sendable, Hashable {
    package enum Channel: String, Sendable, Hashable {
        case sms, email, whatsapp
    }

    package var channel: Channel
    /// Where it went.
    package var address: String
    package var code: String
    /// What the finishing call of a consumer project must name.
    package var methodID: String
    /// The user's or the member's id; nil in discovery.
    package var ownerID: String?
    /// Unix ms.
    package var expiresAt: Int64
    package var isUsed = false
}

/// A magic link that the service has sent.
package struct FakeStytchLink: Sendable, Hashable {
    package var address: String
    package var token: String
    package var methodID: String
    /// The user's or the member's id; nil in discovery.
    package var ownerID: String?
    /// Of PKCE, S256: finishing needs the verifier.
    package var challenge: String?
    /// Unix ms.
    package var expiresAt: Int64
    package var isUsed = false
}

/// A token made elsewhere that can be turned into a session.
package enum FakeStytchGrantKind: Sendable, Hashable {
    /// Of a connected app.
    case accessToken(clientID: String)
    /// For sessions/attest.
    case trustedToken(profileID: String)
}
