package import SessionCore

/// A named slot for one session, bound to one provider.
package struct ProfileConfiguration: Sendable, Hashable {
    package var name: String
    package var provider: ProviderSettings = .embedded(EmbeddedSettings())
    /// nil: the provider's default.
    package var sessionDurationMinutes: Int?
    /// Whether heartbeats also extend the session.
    package var keepAlive = false
    package var heartbeat = HeartbeatConfiguration()
    /// How the service is reached over the network; nothing of it concerns the embedded authority.
    package var upstream = UpstreamConfiguration()

    package init(name: String) { self.name = name }
}

package struct HeartbeatConfiguration: Sendable, Hashable {
    package var intervalMs: Int64 = 180_000
    /// Bounds every call to the provider. May exceed the interval.
    package var timeoutMs: Int64 = 10_000
    /// The share of a wait that is left to chance, 0 to 1. 0 switches off all jitter, backoff's too.
    package var jitter = 0.1

    package init() {}
}

package struct UpstreamConfiguration: Sendable, Hashable {
    /// Without a slash at its end; nil: the provider's own service.
    package var baseURL: String?
    /// Absolute path of a PEM file with authorities that are trusted in addition to the system's.
    package var caFile: String?
    package var allowInsecureHTTP = false

    package init() {}
}

/// The provider's name in a profile.
package enum ProviderName: String, Sendable, Hashable, CaseIterable {
    case embedded, stytch
    case stytchB2B = "stytch-b2b"
    case agnost, backstack, oidc
}

/// What only one provider knows.
package enum ProviderSettings: Sendable, Hashable {
    case embedded(EmbeddedSettings)
    case stytch(StytchSettings)
    case stytchB2B(StytchSettings)
    case agnost(AgnostSettings)
    case backstack(BackstackSettings)

    package var name: ProviderName {
        switch self {
        case .embedded: .embedded
        case .stytch: .stytch
        case .stytchB2B: .stytchB2B
        case .agnost: .agnost
        case .backstack: .backstack
        }
    }
}

package struct EmbeddedSettings: Sendable, Hashable {
    package var allowSignUp = true

    package init() {}
}

/// How a Stytch project is spoken to.
package enum StytchSettings: Sendable, Hashable {
    /// As an app does, over the SDK's API. With `projectID` session JWTs are checked against the project's keys.
    case sdk(publicToken: String, appIdentifier: String, projectID: String?)
    /// As the project's own server does.
    case server(projectID: String, secret: SecretSource)
}

package struct AgnostSettings: Sendable, Hashable {
    package var apiKey: SecretSource
    /// Begins with a slash and ends without one, or is empty.
    package var pathPrefix = "/agnost"
    package var signInURL: String?
}

package struct BackstackSettings: Sendable, Hashable {
    package var appKey: SecretSource
    package var providerID: String?
}

/// Where a secret is.
package enum SecretSource: Sendable, Hashable {
    /// A file of that name in the service's credentials directory.
    case credential(String)
    /// An absolute path.
    case file(String)
    /// The configuration itself.
    case literal(Secret)
}
