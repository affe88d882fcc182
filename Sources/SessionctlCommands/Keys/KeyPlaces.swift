import ArgumentParser
import Glibc
import SessionProtocol

/// Where `sessionctl key` looks.
struct KeyOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The daemon's configuration file; else where the daemon looks.", valueName: "path"),
        completion: .file())
    var config: String?

    @Option(
        help: ArgumentHelp("The daemon's state directory; else where the daemon looks.", valueName: "path"),
        completion: .directory)
    var stateDir: String?

    @Option(
        help: ArgumentHelp(
            "The folder of encrypted credentials; else for root /etc/credstore.encrypted, for others none.",
            valueName: "path"),
        completion: .directory)
    var credstore: String?
}

/// Where the daemon's keys and records are. The daemon says so itself: nobody else reads its configuration.
struct KeyPlaces: Sendable {
    enum Configured: Sendable, Hashable {
        case credential(String)
        case file(String)
    }

    let stateDirectory: String
    /// What the configuration says; nil where it leaves the place to the daemon.
    let configured: Configured?
    /// Nil where no service manager decrypts credentials for this daemon.
    let credstore: String?

    static let standardCredential = "sessiond.master-key"

    var credentialName: String {
        if case .credential(let name) = configured { return name }
        return Self.standardCredential
    }

    var masterKey: String { stateDirectory + "/master.key" }

    static func find(_ options: KeyOptions, in setting: LocalSetting) throws(CommandFailure) -> KeyPlaces {
        var words = ["--key-place"]
        if let config = options.config { words += ["--config", config] }
        if let stateDir = options.stateDir { words += ["--state-dir", stateDir] }
        for program in daemons() {
            guard let outcome = try setting.programs.run([program] + words, input: []) else { continue }
            guard outcome.status == 0 else {
                throw CommandFailure(
                    kind: "misconfigured", message: "the daemon cannot use its configuration: \(outcome.complaint)",
                    remedy: "mend it: `sessiond --check-config`")
            }
            guard let answer = try? JSONValue.parse(outcome.output), let state = answer["stateDirectory"]?.stringValue
            else { break }
            let key = answer["key"]
            return KeyPlaces(
                stateDirectory: state,
                configured: key?["credential"]?.stringValue.map(Configured.credential)
                    ?? key?["file"]?.stringValue.map(Configured.file),
                credstore: options.credstore ?? (geteuid() == 0 ? "/etc/credstore.encrypted" : nil))
        }
        throw CommandFailure(
            kind: "program", message: "there is no sessiond of this version that could tell where its key is",
            remedy: "install sessiond beside sessionctl, or in PATH")
    }

    /// Where the daemon's program may be: as it was built, as it is installed, and in PATH.
    private static func daemons() -> [String] {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let own = String(decoding: buffer.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let folder = own.lastIndex(of: "/").map { String(own[..<$0]) } ?? "."
        return [
            folder + "/sessiond", folder + "/../libexec/sessiond", folder + "/../sbin/sessiond",
            folder + "/../lib/sessiond/sessiond", "sessiond",
        ]
    }
}

/// The service's command in the words of whoever runs it.
enum ServiceCommand: String, Sendable {
    case restart, reload

    var words: String { geteuid() == 0 ? "systemctl \(rawValue) sessiond" : "systemctl --user \(rawValue) sessiond" }
}
