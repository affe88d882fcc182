extension ConfigurationSection {
    static let profile = ConfigurationSection(
        path: "profiles.NAME", title: "Profiles",
        keys: [
            .init(
                "provider", .words(ProviderName.allCases.map(\.rawValue)), .required,
                "The auth service. `oidc` is known and refused: this version does not have it."),
            .init(
                "sessionDuration", .duration("5m", "527040m"), .words("the provider's"),
                "How long a sign-in lasts where the client does not say, in whole minutes. Without effect on Agnost and "
                    + "Backstack, whose sessions have no end."),
            .init(
                "keepAlive", .boolean, .value("false"), "Whether heartbeats also extend the session."),
            .init("heartbeat", .other("keys"), .none, "How the session is looked after."),
            .init(
                "baseURL", .other("a URL of a host, a port and a path"), .words("the provider's"),
                "Where the service is; required for Agnost. `http://` only for this machine. Without effect on "
                    + "`embedded`."),
            .init(
                "caFile", .other("an absolute path"), .none,
                "A PEM file with authorities that are trusted in addition to the system's. Without effect on "
                    + "`embedded`."),
            .init(
                "allowInsecureHTTP", .boolean, .value("false"),
                "Allows `http://` to other machines. Without effect on `embedded`."),
        ])

    static let heartbeat = ConfigurationSection(
        path: "profiles.NAME.heartbeat", title: "Heartbeat",
        keys: [
            .init(
                "interval", .duration("1s", "1d"), .value("180s"),
                "How often the provider is asked whether the session lives."),
            .init(
                "timeout", .duration("100ms", "10m"), .value("10s"),
                "Bounds every call to the provider; may exceed the interval."),
            .init(
                "jitter", .share, .value("0.1"),
                "The share of a wait that is left to chance; 0 switches off all jitter, backoff's too."),
        ])

    /// The keys that only some provider's profiles have (docs/protocol.md, section 8, "Provider settings").
    package static let providers: [(names: [ProviderName], section: ConfigurationSection)] = [
        ([.embedded], embedded), ([.stytch, .stytchB2B], stytch), ([.agnost], agnost), ([.backstack], backstack),
    ]

    private static let embedded = ConfigurationSection(
        path: "profiles.NAME", title: "Profiles on embedded",
        keys: [
            .init(
                "allowSignUp", .boolean, .value("true"), "Whether clients may make accounts with `session.signUp`.")
        ])

    private static let stytch = ConfigurationSection(
        path: "profiles.NAME", title: "Profiles on stytch and stytch-b2b",
        keys: [
            .init(
                "publicToken", .other("`public-token-test-...` or `public-token-live-...`"), .none,
                "Says which project, and whether its test or its live side. Required without `secret`."),
            .init(
                "appIdentifier", .other("printable ASCII"), .none,
                "The app as it is registered in Stytch's dashboard. Required without `secret`."),
            .init(
                "projectID", .other("`project-test-...` or `project-live-...`"), .none,
                "The project whose keys check session JWTs; of the same side as the public token."),
            .init(
                "secret", .secret, .none,
                "The project's secret, with which the daemon speaks as the project's own server; needs `projectID`."),
        ])

    private static let agnost = ConfigurationSection(
        path: "profiles.NAME", title: "Profiles on agnost",
        keys: [
            .init("apiKey", .secret, .required, "The client library key."),
            .init(
                "pathPrefix", .other("`/NAME`, or `\"\"` for none"), .value("/agnost"),
                "What stands between `baseURL` and `/auth`."),
            .init(
                "signInURL", .other("a URL"), .none,
                "Where a person can sign in; `session.invalidate` answers with it."),
        ])

    private static let backstack = ConfigurationSection(
        path: "profiles.NAME", title: "Profiles on backstack",
        keys: [
            .init("appKey", .secret, .required, "The app's key."),
            .init("providerID", .other("a text"), .none, "Sent as `X-Provider-ID` with every request."),
        ])
}

extension ProviderName {
    /// The keys that only this provider's profiles have.
    var ownKeys: [String] {
        ConfigurationSection.providers.first { $0.names.contains(self) }?.section.names ?? []
    }
}
