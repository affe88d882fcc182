import FoundationEssentials

/// One auth service as the configuration names it.
package struct UpstreamSettings: Sendable, Hashable {
    /// Without a slash at its end.
    package var baseURL: String
    /// A PEM file with authorities that are trusted in addition to the system's.
    package var caFile: String?
    /// Bounds each call from the first byte out to the last byte in, connecting included.
    package var timeoutMs: Int64

    package init(baseURL: String, caFile: String?, timeoutMs: Int64) {
        self.baseURL = baseURL
        self.caFile = caFile
        self.timeoutMs = timeoutMs
    }
}

/// Where a base URL leads.
struct UpstreamAddress: Sendable, Hashable {
    var isEncrypted: Bool
    /// Without brackets.
    var host: String
    var port: Int
    /// What stands in front of every request's path, without a slash at its end.
    var path: String

    /// nil where the text is no http or https URL with a host.
    init?(baseURL: String) {
        guard let parts = URLComponents(string: baseURL), var host = parts.host, !host.isEmpty else { return nil }
        switch parts.scheme?.lowercased() {
        case "https": isEncrypted = true
        case "http": isEncrypted = false
        default: return nil
        }
        if host.hasPrefix("[") { host = String(host.dropFirst().dropLast()) }
        self.host = host
        port = parts.port ?? (isEncrypted ? 443 : 80)
        path = parts.percentEncodedPath
        while path.hasSuffix("/") { path.removeLast() }
    }

    /// Host and port as in a URL and in `Host`: the port where it is not the scheme's.
    var authority: String {
        port == (isEncrypted ? 443 : 80) ? Self.bracketed(host) : "\(Self.bracketed(host)):\(port)"
    }

    fileprivate static func bracketed(_ host: String) -> String { host.contains(":") ? "[\(host)]" : host }
}

extension Proxy {
    /// Host and port as in a URL.
    var authority: String { "\(UpstreamAddress.bracketed(host)):\(port)" }
}
