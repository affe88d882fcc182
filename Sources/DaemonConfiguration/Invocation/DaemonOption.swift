import Logging

/// A word of the daemon's command line: the parser, `--help` and the manual page take it from here.
package struct DaemonOption: Sendable, Hashable {
    package let name: String
    /// How its value is called; nil where it takes none and says what to do instead of running.
    package let value: String?
    package let meaning: String

    private init(_ name: String, _ value: String?, _ meaning: String) {
        self.name = name
        self.value = value
        self.meaning = meaning
    }

    package static let all = [
        DaemonOption("--config", "PATH", "the configuration file; profiles.d beside it holds more profiles"),
        DaemonOption("--state-dir", "PATH", "where sessions are kept, sealed"),
        DaemonOption("--socket", "PATH", "where to listen, unless the service manager hands in a socket"),
        DaemonOption("--log-level", "LEVEL", words(Logger.Level.allCases.map(\.rawValue))),
        DaemonOption("--check-config", nil, "say what is wrong with the configuration, and where; exits with 0 or 78"),
        DaemonOption(
            "--key-place", nil, "print where the vault's key and records are, as JSON for sessionctl key"),
        DaemonOption("--version", nil, "print the version"),
        DaemonOption("--help", nil, "print this"),
    ]

    /// The ways to call the daemon, without its name.
    package static let synopses = [
        "[--config PATH] [--state-dir PATH] [--socket PATH] [--log-level LEVEL]",
        "--check-config [--config PATH]",
        "--key-place [--config PATH] [--state-dir PATH]",
        "--version | --help",
    ]

    /// What `--help` prints.
    package static let usage: String = {
        let calls = synopses.enumerated().map { ($0 == 0 ? "usage: " : "       ") + "sessiond \($1)" }
        let width = 2 + (all.map(\.call.count).max() ?? 0)
        let lines = all.map { option in
            "  \(option.call)" + String(repeating: " ", count: width - option.call.count) + option.meaning
        }
        return (calls + [""] + lines + [""]).joined(separator: "\n") + "\n"
    }()

    private var call: String { value.map { "\(name) \($0)" } ?? name }
}

/// "a, b or c".
private func words(_ all: [String]) -> String {
    guard let last = all.last, all.count > 1 else { return all.first ?? "" }
    return all.dropLast().joined(separator: ", ") + " or " + last
}
