/// The parts of an http or https URL that decide whether secrets may go there.
struct UpstreamURL: Sendable, Hashable {
    /// The URL without a slash at its end.
    var text: String
    var isEncrypted: Bool
    /// Without brackets, in lower case.
    var host: String

    /// nil where the text is no http(s) URL, or has more than a host, a port and a path.
    init?(_ text: String) {
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !text.contains(where: { "\\\"<>?#".contains($0) }),
            let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://")
        else { return nil }
        switch text[..<colon].lowercased() {
        case "https": isEncrypted = true
        case "http": isEncrypted = false
        default: return nil
        }
        let rest = text[colon...].dropFirst(3)
        let authority = rest.prefix { $0 != "/" }
        guard let (host, port) = Self.parts(of: authority) else { return nil }
        if let port, !port.isEmpty {
            guard port.allSatisfy(\.isASCIIDigit), let number = Int(port), (1...65_535).contains(number) else {
                return nil
            }
        }
        self.host = host.lowercased()
        var text = text
        while text.hasSuffix("/") { text.removeLast() }
        self.text = text
    }

    /// Whether the host can be nothing but this machine.
    var isLoopback: Bool {
        if host == "localhost" || host.hasSuffix(".localhost") || host == "::1" { return true }
        let octets = host.split(separator: ".", omittingEmptySubsequences: false)
        return octets.count == 4 && octets[0] == "127" && octets.allSatisfy { UInt8($0) != nil }
    }

    /// nil where there is no host, or a user name in front of it.
    private static func parts(of authority: Substring) -> (host: Substring, port: Substring?)? {
        guard !authority.contains("@") else { return nil }
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            let host = authority[authority.index(after: authority.startIndex)..<end]
            let rest = authority[authority.index(after: end)...]
            guard !host.isEmpty, host.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }) else { return nil }
            guard rest.isEmpty || rest.hasPrefix(":") else { return nil }
            return (host, rest.isEmpty ? nil : rest.dropFirst())
        }
        let host = authority.prefix { $0 != ":" }
        guard !host.isEmpty, host.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "." || $0 == "-" || $0 == "_" })
        else { return nil }
        let rest = authority[host.endIndex...]
        return (host, rest.isEmpty ? nil : rest.dropFirst())
    }
}

extension Character {
    fileprivate var isASCIIDigit: Bool { isASCII && isNumber }
}

extension FieldReader {
    /// A URL that secrets may be sent to: encrypted, or on this machine, or allowed in so many words.
    mutating func upstream(_ field: Field, allowInsecureHTTP: Bool) -> String? {
        let example = "https://auth.example.org"
        guard let text = text(field, example: example) else { return nil }
        guard let url = UpstreamURL(text) else {
            report(
                field, "expected an http or https URL of a host, a port and a path",
                remedy: "write it like \(example), without a user name, a query or a fragment")
            return nil
        }
        guard url.isEncrypted || url.isLoopback || allowInsecureHTTP else {
            report(
                field, "http would send secrets in the clear",
                remedy: "write https://, or set allowInsecureHTTP: true in this profile")
            return nil
        }
        return url.text
    }
}
