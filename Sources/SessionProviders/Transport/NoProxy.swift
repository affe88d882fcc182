/// The hosts of `no_proxy`: reached directly although there is a proxy.
///
/// There is no standard; this is what curl and Go both do. Entries are separated by commas or spaces. `*` is every host;
/// `example.com`, `.example.com` and `*.example.com` are that host and all below it; an address is itself; `10.0.0.0/8` is
/// a network; `host:port` is only that port. Names are not resolved.
struct NoProxy: Sendable, Hashable {
    private enum Hosts: Hashable {
        case all
        case domain(String)
        case network(IPLiteral, bits: Int)
    }
    private struct Entry: Hashable {
        var hosts: Hosts
        var port: Int?
    }

    private let entries: [Entry]

    init(_ text: String) {
        entries = text.lowercased().split { $0 == "," || $0.isWhitespace }.compactMap(Self.entry)
    }

    /// `host` without brackets.
    func contains(host: String, port: Int) -> Bool {
        let host = Self.plain(host)
        let address = IPLiteral(host)
        return entries.contains { entry in
            guard entry.port == nil || entry.port == port else { return false }
            switch entry.hosts {
            case .all: return true
            case .network(let network, let bits): return address?.isIn(network, bits: bits) ?? false
            case .domain(let name): return address == nil && (host == name || host.hasSuffix("." + name))
            }
        }
    }

    private static func entry(_ text: Substring) -> Entry? {
        if text == "*" { return Entry(hosts: .all) }
        if let network = network(text) { return Entry(hosts: network) }
        var name = text
        var port: Int?
        if let colon = text.lastIndex(of: ":") {
            // What follows the last colon of an address without brackets is no port: those were taken above.
            guard let number = Int(text[text.index(after: colon)...]), (1...65_535).contains(number) else { return nil }
            port = number
            name = text[..<colon]
        }
        if name == "*" { return Entry(hosts: .all, port: port) }
        if let network = network(name) { return Entry(hosts: network, port: port) }
        let domain = plain(name.hasPrefix("*.") ? name.dropFirst(2) : name.drop { $0 == "." })
        return domain.isEmpty ? nil : Entry(hosts: .domain(domain), port: port)
    }

    private static func network(_ text: Substring) -> Hosts? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let bare = parts[0].hasPrefix("[") && parts[0].hasSuffix("]") ? parts[0].dropFirst().dropLast() : parts[0]
        guard parts.count <= 2, let address = IPLiteral(bare) else { return nil }
        guard parts.count == 2 else { return .network(address, bits: address.bytes.count * 8) }
        guard let bits = Int(parts[1]), (0...address.bytes.count * 8).contains(bits) else { return nil }
        return .network(address, bits: bits)
    }

    /// In lower case, without the dot of a name that ends at the root.
    private static func plain(_ host: some StringProtocol) -> String {
        let host = host.lowercased()
        return host.hasSuffix(".") ? String(host.dropLast()) : host
    }
}
