import DaemonConfiguration
import Logging
import SessionCore
import SessionProviders

/// Makes each profile's provider from its configuration.
struct ProviderFactory: Sendable {
    let authority: EmbeddedAuthority
    let transport: HTTPTransport
    /// The folder of the service's credentials, nil where the service manager has handed in none.
    let credentials: String?
    let clock: any KeeperClock
    let logger: Logger

    func provider(of profile: ProfileConfiguration) -> any SessionProvider {
        switch profile.provider {
        case .embedded(let settings):
            EmbeddedProvider(authority: authority, allowsSignUp: settings.allowSignUp)
        case .stytch(let settings): stytch(.consumer, settings, profile)
        case .stytchB2B(let settings): stytch(.b2b, settings, profile)
        case .agnost(let settings): agnost(settings, profile)
        case .backstack(let settings): backstack(settings, profile)
        }
    }

    private func stytch(
        _ product: StytchProject.Product, _ settings: StytchSettings, _ profile: ProfileConfiguration
    ) -> StytchProvider {
        let project: StytchProject
        let host: String
        switch settings {
        case .sdk(let publicToken, let appIdentifier, let projectID):
            project = StytchProject(
                product: product, entrance: .sdk(publicToken: publicToken, appIdentifier: appIdentifier),
                projectID: projectID)
            host = StytchProject.host(of: publicToken)
        case .server(let projectID, let secret):
            project = StytchProject(
                product: product,
                entrance: .server(projectID: projectID, secret: reader(of: secret, profile.name)),
                projectID: projectID)
            host = StytchProject.host(of: projectID)
        }
        return StytchProvider(
            project: project, upstream: upstream(of: profile, orElse: host), now: { [clock] in clock.now().wall },
            logger: logger(of: profile.name))
    }

    private func agnost(_ settings: AgnostSettings, _ profile: ProfileConfiguration) -> AgnostProvider {
        guard let baseURL = profile.upstream.baseURL else {
            // The loader has refused an Agnost profile without one.
            preconditionFailure("an Agnost profile without a base URL")
        }
        return AgnostProvider(
            service: AgnostService(
                apiKey: reader(of: settings.apiKey, profile.name), pathPrefix: settings.pathPrefix,
                signInURL: settings.signInURL),
            upstream: upstream(of: profile, orElse: baseURL), now: { [clock] in clock.now().wall },
            logger: logger(of: profile.name))
    }

    private func backstack(_ settings: BackstackSettings, _ profile: ProfileConfiguration) -> BackstackProvider {
        BackstackProvider(
            service: BackstackService(
                appKey: reader(of: settings.appKey, profile.name), providerID: settings.providerID),
            upstream: upstream(of: profile, orElse: BackstackService.host), now: { [clock] in clock.now().wall })
    }

    private func upstream(of profile: ProfileConfiguration, orElse host: String) -> Upstream {
        transport.upstream(
            UpstreamSettings(
                baseURL: profile.upstream.baseURL ?? host, caFile: profile.upstream.caFile,
                timeoutMs: profile.heartbeat.timeoutMs))
    }

    private func reader(of secret: SecretSource, _ profile: String) -> @Sendable () -> Secret? {
        let logger = logger(of: profile)
        return secret.reader(credentials: credentials) { fault in
            if let fault {
                logger.event(.secretMissing, "the provider's secret cannot be had", metadata: ["why": "\(fault)"])
            } else {
                logger.event(.secretFound, "the provider's secret can be had again")
            }
        }
    }

    private func logger(of profile: String) -> Logger {
        var logger = logger
        logger[metadataKey: "profile"] = .string(profile)
        return logger
    }
}
