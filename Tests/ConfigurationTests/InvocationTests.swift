import Logging
import Testing

@testable import DaemonConfiguration

@Suite("How the daemon is called")
struct InvocationTests {
    static let valid: [([String], @Sendable (inout DaemonArguments) -> Void)] = [
        ([], { _ in }),
        (["--config", "/c.yaml"], { $0.configurationFile = "/c.yaml" }),
        (["--config=/c.yaml"], { $0.configurationFile = "/c.yaml" }),
        (["--config=--odd"], { $0.configurationFile = "--odd" }),
        (["--config=a=b"], { $0.configurationFile = "a=b" }),
        (
            ["--socket", "s", "--state-dir", "d", "--log-level", "debug"],
            {
                $0.socketPath = "s"
                $0.stateDirectory = "d"
                $0.logLevel = .debug
            }
        ),
        (
            ["--check-config", "--config", "c"],
            {
                $0.action = .checkConfiguration
                $0.configurationFile = "c"
            }
        ),
        (
            ["--key-place", "--state-dir", "d"],
            {
                $0.action = .keyPlace
                $0.stateDirectory = "d"
            }
        ),
        (["--version"], { $0.action = .version }),
        (["--help"], { $0.action = .help }),
        (["-h"], { $0.action = .help }),
    ]

    @Test("arguments are taken with a space or an equals sign", arguments: valid)
    func parsing(words: [String], change: @Sendable (inout DaemonArguments) -> Void) throws {
        var expected = DaemonArguments()
        change(&expected)
        try #expect(DaemonArguments.parse(words) == expected)
    }

    static let invalid: [([String], String)] = [
        (["--confg", "x"], "unknown option --confg; did you mean --config?"),
        (["--nonsense=1"], "unknown option --nonsense"),
        (["-x"], "unknown option -x"),
        (["run"], "unexpected argument run"),
        ([""], "unexpected argument "),
        (["--config"], "--config needs a value"),
        (["--config="], "--config needs a value"),
        (["--config", ""], "--config needs a value"),
        (["--config", "--socket", "s"], "--config needs a value"),
        (["--config", "a", "--config=b"], "--config is there twice"),
        (["--version=1"], "--version takes no value"),
        (["--version", "--help"], "--help cannot go with another action"),
        (
            ["--log-level", "loud"],
            "--log-level loud: expected one of trace, debug, info, notice, warning, error, critical"
        ),
    ]

    @Test("anything else is a usage error, exit 64", arguments: invalid)
    func refusal(words: [String], message: String) {
        do throws(UsageError) {
            _ = try DaemonArguments.parse(words)
            Issue.record("accepted")
        } catch {
            #expect(error.message == message)
            #expect(error.exitStatus == 64)
            #expect(error.description.hasPrefix("sessiond: \(message)\nusage: sessiond "))
        }
    }

    struct PathCase: Sendable, CustomTestStringConvertible {
        var name: String
        var words: [String] = []
        var environment: [String: String] = [:]
        var uid: UInt32 = 1000
        var configuration: String?
        var isRequired = false
        var state: String?
        var socket: String?
        var configuredSocket: String?

        var testDescription: String { name }
    }

    static let paths: [PathCase] = [
        PathCase(
            name: "root", environment: ["HOME": "/root", "XDG_RUNTIME_DIR": "/run/user/0"], uid: 0,
            configuration: "/etc/sessiond/sessiond.yaml", state: "/var/lib/sessiond",
            socket: "/run/sessiond/sessiond.sock"),
        PathCase(
            name: "user", environment: ["HOME": "/home/u", "XDG_RUNTIME_DIR": "/run/user/1000"],
            configuration: "/home/u/.config/sessiond/sessiond.yaml", state: "/home/u/.local/state/sessiond",
            socket: "/run/user/1000/sessiond/sessiond.sock"),
        PathCase(
            name: "XDG", environment: ["HOME": "/home/u", "XDG_CONFIG_HOME": "/c/", "XDG_STATE_HOME": "/s"],
            configuration: "/c/sessiond/sessiond.yaml", state: "/s/sessiond"),
        PathCase(
            name: "relative folders are ignored",
            environment: ["HOME": "/home/u", "XDG_CONFIG_HOME": "c", "XDG_STATE_HOME": "", "XDG_RUNTIME_DIR": "r"],
            configuration: "/home/u/.config/sessiond/sessiond.yaml", state: "/home/u/.local/state/sessiond"),
        PathCase(
            name: "systemd",
            environment: [
                "HOME": "/", "STATE_DIRECTORY": "/var/lib/sessiond:/var/lib/other",
                "CONFIGURATION_DIRECTORY": "/etc/sessiond",
            ], uid: 64_000, configuration: "/etc/sessiond/sessiond.yaml", state: "/var/lib/sessiond"),
        PathCase(name: "nothing known"),
        PathCase(
            name: "home is the root", environment: ["HOME": "/"], configuration: "/.config/sessiond/sessiond.yaml",
            state: "/.local/state/sessiond"),
        PathCase(
            name: "arguments go first", words: ["--config", "c.yaml", "--state-dir", "d", "--socket", "s"],
            environment: ["HOME": "/home/u", "STATE_DIRECTORY": "/var/lib/sessiond"], configuration: "c.yaml",
            isRequired: true, state: "d", socket: "s", configuredSocket: "/configured"),
        PathCase(
            name: "the configuration's socket goes before the default",
            environment: ["XDG_RUNTIME_DIR": "/run/user/1000"],
            socket: "/configured", configuredSocket: "/configured"),
    ]

    @Test("paths follow the arguments, systemd and the user's folders, in this order", arguments: paths)
    func resolution(example: PathCase) throws {
        let arguments = try DaemonArguments.parse(example.words)
        let paths = DaemonPaths.resolve(arguments: arguments, environment: example.environment, uid: example.uid)
        #expect(paths.configurationFile == example.configuration)
        #expect(paths.isConfigurationRequired == example.isRequired)
        #expect((try? paths.stateDirectory()) == example.state)
        #expect((try? paths.socketPath(configured: example.configuredSocket)) == example.socket)
    }

    @Test("a path that cannot be told says what to give")
    func pathErrors() {
        let paths = DaemonPaths.resolve(arguments: DaemonArguments(), environment: [:], uid: 1000)
        #expect(throws: PathError.self) { try paths.stateDirectory() }
        do throws(PathError) {
            _ = try paths.socketPath(configured: nil)
            Issue.record("there is no such path")
        } catch {
            #expect(error.description.contains("--socket"))
            #expect(error.exitStatus == 78)
        }
    }

    @Test("a socket's path fits a socket address, to the byte")
    func socketLength() throws {
        let paths = DaemonPaths.resolve(arguments: DaemonArguments(), environment: [:], uid: 0)
        let longest = "/" + String(repeating: "x", count: 106)
        try #expect(paths.socketPath(configured: longest) == longest)
        #expect(throws: PathError.self) { try paths.socketPath(configured: longest + "x") }
    }
}
