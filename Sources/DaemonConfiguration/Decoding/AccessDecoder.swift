extension FieldReader {
    /// The rules under `access`.
    mutating func accessRules(_ field: Field, accounts: AccountDirectory, profiles: Set<String>) -> [AccessRule] {
        let example = "- {user: kiosk, profiles: [shop], allow: [read, token]}"
        guard let elements = list(field, example: example) else { return [] }
        var rules: [AccessRule] = []
        for element in elements {
            guard let section = section(element, keys: ConfigurationSection.accessRule.names) else { continue }
            let subject = subject(of: section, accounts: accounts)
            let allow = permissions(section["allow"], of: section)
            let names = section["profiles"].map { profileNames($0, known: profiles) }
            if let subject, let allow { rules.append(AccessRule(subject: subject, profiles: names, allow: allow)) }
        }
        return rules
    }

    private mutating func subject(of section: Section, accounts: AccountDirectory) -> AccessRule.Subject? {
        switch (section["user"], section["group"]) {
        case (let user?, nil): return account(user, kind: "user", lookUp: accounts.user).map { .user($0) }
        case (nil, let group?): return account(group, kind: "group", lookUp: accounts.group).map { .group($0) }
        case (_?, let group?):
            report(group, "both a user and a group", remedy: "write two rules")
        case (nil, nil):
            report(
                at: section.position, key: section.key, "names neither a user nor a group",
                remedy: "add user: NAME or group: NAME")
        }
        return nil
    }

    private mutating func permissions(_ field: Field?, of section: Section) -> Set<AccessRule.Permission>? {
        guard let field else {
            report(
                at: section.position, key: section.path("allow"), "is missing",
                remedy: "add allow: [read], or more of read, token, control, admin")
            return nil
        }
        guard let elements = list(field, example: "[read, token]") else { return nil }
        if elements.isEmpty { report(field, "allows nothing", remedy: "write it like [read, token]") }
        return Set(elements.compactMap { word($0, of: AccessRule.Permission.self) })
    }

    private mutating func profileNames(_ field: Field, known: Set<String>) -> Set<String> {
        guard let elements = list(field, example: "[shop]") else { return [] }
        if elements.isEmpty {
            report(field, "names no profile", remedy: "write it like [shop], or delete the key to mean all")
        }
        var names: Set<String> = []
        for element in elements {
            guard let name = text(element, example: "shop") else { continue }
            if !known.contains(name) { reportNoSuchProfile(element, name, known: known) }
            names.insert(name)
        }
        return names
    }

    mutating func reportNoSuchProfile(_ field: Field, _ name: String, known: Set<String>) {
        let names = known.sorted()
        report(
            field, "there is no profile \"\(name.prefix(64))\"",
            remedy: suggestion(for: name, among: names) ?? "write one of \(names.joined(separator: ", "))")
    }
}
