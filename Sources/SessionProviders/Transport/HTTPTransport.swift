package import Logging
package import SessionCore

/// The one transport of all providers over a network: HTTP/1.1, TLS 1.2 and later.
///
/// It keeps no cookies, follows no redirect, asks for no compression and believes no certificate that cannot be checked;
/// there is no switch for any of that. Nothing of a header or a body reaches a log.
package final class HTTPTransport: Sendable {
    let pool = ClientPool()
    let trust = TrustStore()
    let clock: any KeeperClock
    let logger: Logger
    private let proxies: ProxyRules

    /// `environment`: where `https_proxy`, `http_proxy`, `all_proxy` and `no_proxy` are looked up, once. `clock` ends what
    /// takes too long.
    package init(environment: [String: String], clock: any KeeperClock, logger: Logger) {
        self.clock = clock
        self.logger = logger
        proxies = ProxyRules(environment: environment)
        for name in proxies.unusableVariables {
            logger.warning(
                "A proxy cannot be used: services behind it stay unreachable. Expected http://[user:password@]host:port",
                metadata: ["variable": "\(name)"])
        }
    }

    /// A service to ask. No connection is made before the first call.
    package func upstream(_ settings: UpstreamSettings) -> Upstream {
        let address = UpstreamAddress(baseURL: settings.baseURL)
        let route = address.map { proxies.route(isEncrypted: $0.isEncrypted, host: $0.host, port: $0.port) }
        return Upstream(transport: self, settings: settings, address: address, route: route ?? .direct)
    }

    /// Ends calls, connections and clients; calls afterwards are `.unreachable`. The event loop's thread ends with the
    /// last reference to the transport and its upstreams.
    package func shutDown() async {
        await pool.shutDown()
    }
}
