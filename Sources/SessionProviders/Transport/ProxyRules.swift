import FoundationEssentials
import SessionCore

/// An HTTP proxy of the environment's.
struct Proxy: Sendable, Hashable {
    var host: String
    var port: Int
    var user: String?
    var password: Secret?
}

/// How a host is reached, from the environment variables that curl and Go obey.
///
/// `https_proxy`, `http_proxy` and `all_proxy` (used where there is none for the scheme), in lower or upper case, lower
/// first. `HTTP_PROXY` in upper case is never read: under CGI a client sets it with a header (httpoxy, CVE-2016-5385).
struct ProxyRules: Sendable {
    enum Route: Sendable, Hashable {
        case direct
        /// Through `CONNECT`, with TLS inside: for https.
        case tunnel(Proxy)
        /// The proxy gets the whole URL and reads along: for http.
        case forward(Proxy)
        /// There is a proxy that we cannot use. Not reached directly instead: who names a proxy may mean to hide or to
        /// watch what leaves the machine.
        case unusable
    }

    private enum Choice: Sendable { case none, proxy(Proxy), unusable }

    private let encrypted: Choice
    private let plain: Choice
    private let exceptions: NoProxy
    /// The variables whose value is no `http://[user:password@]host:port`.
    let unusableVariables: [String]

    init(environment: [String: String]) {
        var unusable: [String] = []
        func choice(_ names: [String]) -> Choice {
            guard let name = names.first(where: { environment[$0]?.isEmpty == false }), let text = environment[name]
            else { return .none }
            if let proxy = Proxy(text) { return .proxy(proxy) }
            if !unusable.contains(name) { unusable.append(name) }
            return .unusable
        }
        encrypted = choice(["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])
        plain = choice(["http_proxy", "all_proxy", "ALL_PROXY"])
        exceptions = NoProxy(environment["no_proxy"] ?? environment["NO_PROXY"] ?? "")
        unusableVariables = unusable
    }

    /// `host` without brackets.
    func route(isEncrypted: Bool, host: String, port: Int) -> Route {
        if Self.isLoopback(host) || exceptions.contains(host: host, port: port) { return .direct }
        switch isEncrypted ? encrypted : plain {
        case .none: return .direct
        case .proxy(let proxy): return isEncrypted ? .tunnel(proxy) : .forward(proxy)
        case .unusable: return .unusable
        }
    }

    /// Whether the host can be nothing but this machine (RFC 6761, section 6.3).
    private static func isLoopback(_ host: String) -> Bool {
        if let address = IPLiteral(host) { return address.isLoopback }
        let host = host.lowercased()
        return ["localhost", "localhost."].contains(host) || host.hasSuffix(".localhost")
            || host.hasSuffix(".localhost.")
    }
}

extension Proxy {
    /// nil for what is no HTTP proxy: `https://` and `socks5://` ones are not supported.
    init?(_ text: String) {
        let text = text.contains("://") ? text : "http://" + text
        guard let parts = URLComponents(string: text), parts.scheme?.lowercased() == "http", var host = parts.host,
            !host.isEmpty, parts.path.isEmpty || parts.path == "/", parts.query == nil, parts.fragment == nil
        else { return nil }
        if host.hasPrefix("[") { host = String(host.dropFirst().dropLast()) }
        let port = parts.port ?? 80
        guard (1...65_535).contains(port) else { return nil }
        // A colon in the user's name would end it in Basic (RFC 7617, section 2).
        guard parts.user?.contains(":") != true else { return nil }
        self.init(host: host, port: port, user: parts.user, password: Secret(parts.password))
    }
}
