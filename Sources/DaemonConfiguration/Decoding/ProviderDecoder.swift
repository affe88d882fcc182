extension FieldReader {
    /// The provider's own settings.
    mutating func settings(
        _ section: Section, provider: ProviderName, upstream: UpstreamConfiguration
    ) -> ProviderSettings? {
        switch provider {
        case .embedded:
            var settings = EmbeddedSettings()
            if let field = section["allowSignUp"], let value = boolean(field) { settings.allowSignUp = value }
            return .embedded(settings)
        case .stytch: return stytch(section).map { .stytch($0) }
        case .stytchB2B: return stytch(section).map { .stytchB2B($0) }
        case .agnost: return agnost(section, upstream: upstream).map { .agnost($0) }
        case .backstack: return backstack(section).map { .backstack($0) }
        case .oidc: return nil
        }
    }

    private mutating func agnost(_ section: Section, upstream: UpstreamConfiguration) -> AgnostSettings? {
        let apiKey = required("apiKey", of: section, example: "{credential: NAME}").flatMap { secret($0) }
        let baseURL = required("baseURL", of: section, example: "https://host/env-id")
        let prefix = section["pathPrefix"].map { pathPrefix($0) }
        let signInURL = section["signInURL"].flatMap { page($0) }
        warnOfEndlessSessions(section, of: "Agnost")
        guard let apiKey, baseURL != nil else { return nil }
        var settings = AgnostSettings(apiKey: apiKey)
        if let prefix, let prefix { settings.pathPrefix = prefix }
        settings.signInURL = signInURL
        return settings
    }

    private mutating func backstack(_ section: Section) -> BackstackSettings? {
        let appKey = required("appKey", of: section, example: "{credential: NAME}").flatMap { secret($0) }
        let providerID = section["providerID"].flatMap { text($0, example: "1234") }
        warnOfEndlessSessions(section, of: "Backstack")
        return appKey.map { BackstackSettings(appKey: $0, providerID: providerID) }
    }

    /// Such sessions have nothing to choose or to extend.
    private mutating func warnOfEndlessSessions(_ section: Section, of service: String) {
        for name in ["sessionDuration", "keepAlive"] {
            guard let field = section[name] else { continue }
            warn(field, "has no effect: \(service)'s sessions have no end", remedy: "delete the key")
        }
    }

    /// Empty: there is none, as on servers before 2024.
    private mutating func pathPrefix(_ field: Field) -> String? {
        guard let (text, _) = scalar(field, expected: "a text", example: "/agnost") else { return nil }
        if text.isEmpty { return "" }
        guard let prefix = self.text(field, example: "/agnost") else { return nil }
        guard prefix.hasPrefix("/"), prefix.count > 1, !prefix.hasSuffix("/"),
            prefix.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !prefix.contains(where: { "?#\\".contains($0) })
        else {
            report(
                field, "not the first part of a path",
                remedy: "write it like /agnost, without a slash at its end, or \"\" for none")
            return nil
        }
        return prefix
    }

    /// A page for a person's browser. Nothing is sent there, and it is handed out as it is written.
    private mutating func page(_ field: Field) -> String? {
        guard let text = text(field, example: "https://app.example.org/login") else { return nil }
        let scheme = ["https://", "http://"].first { text.lowercased().hasPrefix($0) }
        guard let scheme, let first = text.dropFirst(scheme.count).first, !"/?#".contains(first),
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !text.contains(where: { "\"<>\\".contains($0) })
        else {
            report(
                field, "expected the URL of a page", remedy: "write it like https://app.example.org/login")
            return nil
        }
        return text
    }

    mutating func required(_ name: String, of section: Section, example: String) -> Field? {
        if let field = section[name] { return field }
        report(
            at: section.position, key: section.path(name), "is missing", remedy: "add \(name): \(example)")
        return nil
    }
}
