/// One thing that is wrong with the configuration, and what to do about it. Never holds a secret's text.
package struct ConfigurationProblem: Sendable, Hashable {
    package enum Severity: Sendable, Hashable {
        /// The configuration cannot be used.
        case error
        /// It can, but probably not as meant.
        case warning
    }

    package var severity: Severity = .error
    package var file: String
    /// From 1; nil where the problem is the file itself.
    package var line: Int?
    /// From 1, in Unicode scalars.
    package var column: Int?
    /// The key's path in its file, such as `profiles.shop.heartbeat.interval`; nil where no key is concerned.
    package var key: String?
    package var message: String
    package var remedy: String
}

extension ConfigurationProblem: CustomStringConvertible {
    /// `file:line:column: key: message — remedy`, in one line whatever the parts hold.
    package var description: String {
        var place = file
        if let line { place += ":\(line)" }
        if let column { place += ":\(column)" }
        let parts = [place, severity == .warning ? "warning" : nil, key, "\(message) — \(remedy)"]
        return parts.compactMap { $0 }.joined(separator: ": ").withoutControls
    }
}

extension String {
    /// Control characters replaced: keys and values come from a file, messages go to a terminal.
    var withoutControls: String {
        String(
            String.UnicodeScalarView(
                unicodeScalars.map { $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) ? "\u{FFFD}" : $0 }))
    }
}

/// A configuration with all that was found to be wrong with it.
package struct LoadedConfiguration: Sendable {
    /// nil where any problem is an error.
    package let configuration: DaemonConfiguration?
    /// In the order of files, then lines.
    package let problems: [ConfigurationProblem]

    init(_ configuration: DaemonConfiguration?, problems: [ConfigurationProblem]) {
        self.problems = problems
        self.configuration = problems.contains { $0.severity == .error } ? nil : configuration
    }

    /// What `sessiond --check-config` prints, one line a problem and a last one with the verdict.
    package var report: String {
        var lines = problems.map(\.description)
        if let configuration {
            let names = configuration.profiles.map(\.name).joined(separator: ", ")
            lines.append("the configuration is valid; profiles: \(names)")
        } else {
            let count = problems.count { $0.severity == .error }
            lines.append("the configuration has \(count) error\(count == 1 ? "" : "s")")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// What `sessiond --check-config` exits with.
    package var exitStatus: Int32 {
        (configuration == nil ? DaemonExitStatus.configuration : .stopped).rawValue
    }
}
