import DaemonConfiguration
import DaemonProcess

extension ManualPage {
    static func daemonPage() -> String {
        var page = Roff(title: "SESSIOND", section: 8, heading: "System Administration", version: version)
        page.name("sessiond", "holds the signed-in sessions of a machine for its programs")
        page.section("SYNOPSIS")
        for synopsis in DaemonOption.synopses { page.call("sessiond", synopsis) }
        page.section("DESCRIPTION")
        page.paragraph(
            """
            `sessiond` signs in at an auth service, keeps the tokens encrypted on disk, checks every few minutes that \
            the session still lives, and serves all of this to local programs over a Unix socket. There is one session \
            a profile. `sessionctl`(1) signs in and out, and shows the sessions.
            """)
        page.paragraph(
            """
            It stays in the foreground. As a service it is started by the first client that connects, through \
            `sessiond.socket`, and says when it is ready. Without any configuration there is one profile, `default`, \
            on the embedded authority.
            """)
        page.section("OPTIONS")
        page.paragraph("A value follows its option as the next word, or after `=`.")
        for option in DaemonOption.all {
            page.item("`\(option.name)`" + (option.value.map { " \($0)" } ?? ""), sentence(option.meaning))
        }
        page.section("EXIT STATUS")
        for status in DaemonExitStatus.allCases { page.item("`\(status.rawValue)`", status.meaning) }
        page.section("SIGNALS")
        for signal in ProcessSignal.allCases { page.item("`\(signal.name)`", signal.meaning) }
        page.environment(EnvironmentVariable.daemon)
        page.section("FILES")
        for (path, meaning) in daemonFiles { page.item("`\(path)`", meaning) }
        page.section("SEE ALSO")
        page.paragraph(
            "`sessionctl`(1), `sessiond.yaml`(5), `systemd.socket`(5), `systemd-creds`(1), `systemd.exec`(5)")
        return page.text
    }

    private static let daemonFiles = [
        ("/etc/sessiond/sessiond.yaml", "The configuration; may be missing. See `sessiond.yaml`(5)."),
        ("/etc/sessiond/profiles.d/NAME.yaml", "A profile a file."),
        ("/etc/credstore.encrypted/sessiond.master-key", "The vault's key as an encrypted credential; may be missing."),
        ("/var/lib/private/sessiond", "All state of the service; seen as `/var/lib/sessiond`, too."),
        ("/run/sessiond/sessiond.sock", "The socket."),
        ("~/.config/sessiond, ~/.local/state/sessiond", "Configuration and state of a user's own daemon."),
    ]

    /// Help's short forms as a sentence.
    private static func sentence(_ words: String) -> String { words.prefix(1).uppercased() + words.dropFirst() + "." }
}

extension DaemonExitStatus {
    fileprivate var meaning: String {
        switch self {
        case .stopped: "Stopped in order, or did what was asked for."
        case .usage: "Called with arguments that do not exist."
        case .failed: "Failed for another reason; the log has it."
        case .temporary: "Another daemon has the state directory or the socket, or a folder cannot be written."
        case .configuration:
            """
            The configuration cannot be used, or a path in it. A restart does not help, and the unit does not try one.
            """
        }
    }
}

extension ProcessSignal {
    fileprivate var name: String {
        switch self {
        case .terminate: "SIGTERM"
        case .interrupt: "SIGINT"
        case .hangUp: "SIGHUP"
        }
    }

    fileprivate var meaning: String {
        switch self {
        case .terminate, .interrupt: "Stops in order: answers what has started, tells watchers, and exits with 0."
        case .hangUp:
            """
            Reads the configuration again: profiles, access rules, log. A bad file changes nothing and is logged. \
            `socket`, `key` and `limits` wait for the next start. A store or key that failed is tried again at once.
            """
        }
    }
}
