package import Logging

/// What `sessiond` was called with.
package struct DaemonArguments: Sendable, Hashable {
    package enum Action: Sendable, Hashable {
        case run, checkConfiguration, keyPlace, version, help
    }

    package var action = Action.run
    package var configurationFile: String?
    package var stateDirectory: String?
    package var socketPath: String?
    /// Goes before the configuration's.
    package var logLevel: Logger.Level?

    package init() {}

    /// Reads the arguments after the program's name. Both `--key value` and `--key=value` are taken.
    package static func parse(_ words: some Sequence<String>) throws(UsageError) -> DaemonArguments {
        var arguments = DaemonArguments()
        var seen: Set<String> = []
        var rest = Array(words)[...]
        while let word = rest.popFirst() {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let option = parts.first.map(String.init) ?? ""
            let attached = parts.count > 1 ? String(parts[1]) : nil
            guard seen.insert(option).inserted else { throw UsageError("\(option) is there twice") }
            if let action = actions[option] {
                guard attached == nil else { throw UsageError("\(option) takes no value") }
                guard arguments.action == .run else { throw UsageError("\(option) cannot go with another action") }
                arguments.action = action
                continue
            }
            guard values.contains(option) else { throw unknown(word, option) }
            guard let value = attached ?? rest.popFirst(), !value.isEmpty, attached != nil || !value.hasPrefix("--")
            else { throw UsageError("\(option) needs a value") }
            try arguments.set(option, value)
        }
        return arguments
    }

    private static let actions: [String: Action] = [
        "--check-config": .checkConfiguration, "--key-place": .keyPlace, "--version": .version, "--help": .help,
        "-h": .help,
    ]
    private static let values = DaemonOption.all.filter { $0.value != nil }.map(\.name)

    private mutating func set(_ option: String, _ value: String) throws(UsageError) {
        switch option {
        case "--config": configurationFile = value
        case "--state-dir": stateDirectory = value
        case "--socket": socketPath = value
        default:
            guard let level = Logger.Level(rawValue: value) else {
                let known = Logger.Level.allCases.map(\.rawValue)
                throw UsageError(
                    "--log-level \(value.withoutControls): expected one of \(known.joined(separator: ", "))")
            }
            logLevel = level
        }
    }

    private static func unknown(_ word: String, _ option: String) -> UsageError {
        guard word.hasPrefix("-") else { return UsageError("unexpected argument \(word.withoutControls)") }
        let known = values + actions.keys.sorted()
        let hint = suggestion(for: option, among: known).map { "; \($0)" } ?? ""
        return UsageError("unknown option \(option.withoutControls)\(hint)")
    }
}

/// The program was called wrongly: print `description` to stderr and exit with `exitStatus`.
package struct UsageError: Error, Sendable, Hashable, CustomStringConvertible {
    package let message: String
    package var exitStatus: Int32 { DaemonExitStatus.usage.rawValue }

    init(_ message: String) { self.message = message }

    package var description: String { "sessiond: \(message)\n\(DaemonOption.usage)" }
}
