import DaemonProcess
import Logging

extension ConfigurationSection {
    /// All of them, in the order in which they are explained.
    package static let all =
        [top, socket, location, accessRule, limits, log, profile, heartbeat] + providers.map(\.section)

    static let top = ConfigurationSection(
        path: "", title: "Main file",
        keys: [
            .init(
                "defaultProfile", .other("a profile's name"), .words("`default`, else the only profile"),
                "The profile that a client means when it names none. Required where several profiles exist and none is "
                    + "called `default`."),
            .init(
                "socket", .other("keys"), .none,
                "Where to listen. Not used where the service manager hands in a socket."),
            .init(
                "key", .other("`{credential: NAME}` or `{file: /path}`"),
                .words(
                    "the credential `sessiond.master-key` where there is one, else `master.key` in the state directory"),
                "Where the vault's key is. The key itself is never written here."),
            .init("access", .other("a list of rules"), .none, "Permissions beyond the defaults."),
            .init(
                "profiles", .other("profiles by name"), .words("one, `default`, on the embedded authority"),
                "A name is 1 to 64 of `A-Z a-z 0-9 . _ -` and does not start with a dot."),
            .init("limits", .other("keys"), .none, "How much clients may use at once."),
            .init("log", .other("keys"), .none, "What is logged, and how."),
        ])

    static let socket = ConfigurationSection(
        path: "socket", title: "Socket",
        keys: [
            .init(
                "path", .other("an absolute path, at most \(FieldReader.maximumSocketPathBytes) bytes"),
                .words("`/run/sessiond/sessiond.sock` for root, else `$XDG_RUNTIME_DIR/sessiond/sessiond.sock`"),
                "Where to listen."),
            .init(
                "group", .other("a group's name or number"), .words("the daemon's own"),
                "The socket's group: its members may read, receive tokens and control."),
            .init(
                "mode", .other("octal digits"), .value("\"0660\""),
                "The socket's permissions. The owner keeps read and write."),
        ])

    static let location = ConfigurationSection(
        path: "key", title: "Key",
        keys: [
            .init("credential", .other("a name"), .none, "A file in systemd's credentials directory."),
            .init("file", .other("an absolute path"), .none, "A file; exactly one of the two."),
        ])

    static let accessRule = ConfigurationSection(
        path: "access[]", title: "Access rules",
        keys: [
            .init("user", .other("a user's name or number"), .none, "Whom the rule is for; exactly one of the two."),
            .init("group", .other("a group's name or number"), .none, "Whom the rule is for: members of the group."),
            .init("profiles", .other("a list of names"), .words("all"), "The profiles that it concerns."),
            .init(
                "allow", .other("a list of \(AccessRule.Permission.allCases.map(\.rawValue).joined(separator: ", "))"),
                .required, "What it adds."),
        ])

    static let limits = ConfigurationSection(
        path: "limits", title: "Limits",
        keys: [
            .init("maxSubscriptions", .integer(1...1024), .value("8"), "Subscriptions of one connection."),
            .init("maxConnectionsPerUser", .integer(1...65_536), .value("64"), "Connections of one uid."),
            .init("maxConnections", .integer(1...65_536), .value("512"), "Connections in all."),
        ])

    static let log = ConfigurationSection(
        path: "log", title: "Log",
        keys: [
            .init(
                "level", .words(Logger.Level.allCases.map(\.rawValue)), .value("info"),
                "What is logged; `--log-level` goes first."),
            .init("format", .words(LogFormat.allCases.map(\.rawValue)), .value("text"), "The shape of a line."),
        ])
}
