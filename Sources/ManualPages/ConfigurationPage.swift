import DaemonConfiguration

extension ManualPage {
    static func configurationPage() -> String {
        var page = Roff(title: "SESSIOND.YAML", section: 5, heading: "File Formats", version: version)
        page.name("sessiond.yaml", "configuration of sessiond")
        page.section("SYNOPSIS")
        page.paragraph("`/etc/sessiond/sessiond.yaml`, `/etc/sessiond/profiles.d/*.yaml`")
        page.section("DESCRIPTION")
        page.paragraph(
            """
            `sessiond`(8) reads YAML, strictly: an unknown key, a wrong type, a number without its unit or a name that \
            does not exist is an error with its file, line, column and remedy. `sessiond --check-config` tells all of \
            them, and `systemctl reload sessiond` has the file read again. Without any file there is one profile, \
            `default`, on the embedded authority.
            """)
        page.paragraph(
            """
            In the folder `profiles.d` beside the main file, `NAME.yaml` is one profile: what would be below \
            `profiles: NAME:`. A profile that is defined twice is an error.
            """)
        page.paragraph(
            """
            A file is at most 1 MiB of UTF-8. Not read: anchors and aliases, tags, merge keys, tabs as indentation, \
            the same key twice, nesting beyond 16 levels.
            """)
        page.section("VALUES")
        page.item("Duration", "A whole number and a unit: `500ms`, `180s`, `60m`, `2h`, `1d`.")
        page.item("Boolean", "`true` or `false`, without quotes.")
        page.item(
            "Secret",
            """
            `{credential: NAME}` is a file in systemd's credentials directory, `{file: /path}` an absolute path, and a \
            plain text the secret itself. A file is read anew each time the secret is needed.
            """)
        page.section("KEYS")
        for section in ConfigurationSection.all {
            page.subsection(section.title + (section.path.isEmpty ? "" : " (\(section.path))"))
            for key in section.keys {
                page.item("`\(key.name)`", "\(key.value.words); \(key.standard.words).", key.meaning)
            }
        }
        page.section("EXAMPLE")
        page.example(example)
        page.section("SEE ALSO")
        page.paragraph("`sessiond`(8), `sessionctl`(1), `systemd-creds`(1)")
        return page.text
    }

    /// Shown on the page, and read by a test.
    package static let example = """
        defaultProfile: desk
        profiles:
          desk: {provider: embedded, sessionDuration: 8h}
          shop:
            provider: stytch
            projectID: project-live-00000000-0000-4000-8000-000000000000
            secret: {credential: stytch-secret}
        access:
          - {user: root, profiles: [shop], allow: [read, token]}
        log: {level: notice}
        """
}

extension ConfigurationKey.Value {
    fileprivate var words: String {
        switch self {
        case .boolean: "boolean"
        case .integer(let range): "\(range.lowerBound) to \(range.upperBound)"
        case .duration(let shortest, let longest): "duration, \(shortest) to \(longest)"
        case .share: "0 to 1"
        case .words(let words): "one of " + words.map { "`\($0)`" }.joined(separator: ", ")
        case .secret: "secret"
        case .other(let words): words
        }
    }
}

extension ConfigurationKey.Default {
    fileprivate var words: String {
        switch self {
        case .value(let text): "default `\(text)`"
        case .words(let words): "default: \(words)"
        case .none: "no default"
        case .required: "required"
        }
    }
}
