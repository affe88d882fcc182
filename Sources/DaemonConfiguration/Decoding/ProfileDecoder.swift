extension FieldReader {
    /// A profile's keys.
    ///
    /// - Parameters:
    ///   - field: the mapping; its key is empty where the profile is a file of its own.
    ///   - available: the providers that this program can make.
    mutating func profile(_ field: Field, name: String, available: Set<ProviderName>) -> ProfileConfiguration? {
        guard let provider = providerName(field) else { return nil }
        if !available.contains(provider) {
            reportUnavailable(field, provider)
            // Its settings are not settled yet, so there is nothing to check them by.
            if provider == .oidc { return nil }
        }
        let keys = ConfigurationSection.profile.names + provider.ownKeys
        guard let section = section(field, keys: keys) else { return nil }
        var profile = ProfileConfiguration(name: name)
        if let field = section["keepAlive"], let value = boolean(field) { profile.keepAlive = value }
        if let field = section["sessionDuration"] { profile.sessionDurationMinutes = sessionMinutes(field) }
        if let field = section["heartbeat"] { profile.heartbeat = heartbeat(field) }
        profile.upstream = upstream(section, provider: provider)
        guard let settings = settings(section, provider: provider, upstream: profile.upstream) else { return nil }
        profile.provider = settings
        return profile
    }

    /// Read ahead of the section, as the keys that a profile may have depend on it.
    private mutating func providerName(_ field: Field) -> ProviderName? {
        let expected = "provider: embedded"
        guard let entries = entries(field, expected: expected) else { return nil }
        guard let entry = entries.first(where: { $0.key == "provider" }) else {
            let near = entries.first { suggestion(for: $0.key, among: ["provider"]) != nil }
            report(
                at: near?.position ?? field.node.position, key: path(field, "provider"), "is missing",
                remedy: near == nil ? "add \(expected)" : "did you mean provider?")
            return nil
        }
        return word(Field(key: path(field, "provider"), node: entry.value), of: ProviderName.self)
    }

    private mutating func reportUnavailable(_ field: Field, _ provider: ProviderName) {
        guard case .mapping(let entries) = field.node.value else { return }
        report(
            at: entries.first { $0.key == "provider" }?.value.position, key: path(field, "provider"),
            "provider \(provider.rawValue) is not built into this version",
            remedy: "write provider: embedded, or take the profile out")
    }

    private func path(_ field: Field, _ name: String) -> String {
        field.key.isEmpty ? name : "\(field.key).\(name)"
    }

    private mutating func sessionMinutes(_ field: Field) -> Int? {
        let minute: Int64 = 60_000
        guard let value = duration(field, in: 5 * minute...527_040 * minute, bounds: ("5m", "527040m")) else {
            return nil
        }
        guard value % minute == 0 else {
            report(field, "not a whole number of minutes", remedy: "write minutes, such as 60m")
            return nil
        }
        return Int(value / minute)
    }

    private mutating func heartbeat(_ field: Field) -> HeartbeatConfiguration {
        var heartbeat = HeartbeatConfiguration()
        guard let section = section(field, keys: ConfigurationSection.heartbeat.names) else { return heartbeat }
        if let field = section["interval"],
            let value = duration(field, in: 1000...86_400_000, bounds: ("1s", "1d"))
        {
            heartbeat.intervalMs = value
        }
        if let field = section["timeout"],
            let value = duration(field, in: 100...600_000, bounds: ("100ms", "10m"))
        {
            heartbeat.timeoutMs = value
        }
        if let field = section["jitter"], let value = share(field) { heartbeat.jitter = value }
        return heartbeat
    }

    private mutating func upstream(_ section: Section, provider: ProviderName) -> UpstreamConfiguration {
        var upstream = UpstreamConfiguration()
        if let field = section["allowInsecureHTTP"], let value = boolean(field) { upstream.allowInsecureHTTP = value }
        if let field = section["caFile"] { upstream.caFile = path(field, example: "/etc/ssl/certs/own-ca.pem") }
        if let field = section["baseURL"] {
            upstream.baseURL = self.upstream(field, allowInsecureHTTP: upstream.allowInsecureHTTP)
        }
        if provider == .embedded {
            for name in ["baseURL", "caFile", "allowInsecureHTTP"] {
                guard let field = section[name] else { continue }
                warn(
                    field, "has no effect: the embedded authority is not reached over a network",
                    remedy: "delete the key")
            }
        }
        return upstream
    }
}
