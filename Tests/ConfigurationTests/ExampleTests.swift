import Glibc
import Testing

@testable import DaemonConfiguration

@Suite("The configuration file that is shipped")
struct ExampleTests {
    /// `etc/sessiond/sessiond.yaml`.
    static func shipped() throws -> String {
        let path = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
        let text = try #require(try ConfigurationText.read(path + "/etc/sessiond/sessiond.yaml"))
        return String(decoding: text.bytes, as: UTF8.self)
    }

    @Test("as it is it changes nothing")
    func unchanged() throws {
        let loaded = Decoding.decode(try Self.shipped())
        #expect(loaded.problems.isEmpty)
        #expect(loaded.configuration == DaemonConfiguration())
    }

    @Test("with its comments removed it names every key, each with its default")
    func uncommented() throws {
        let lines = try Self.shipped().split(separator: "\n", omittingEmptySubsequences: false)
        let keys = lines.filter { $0.hasPrefix("#") && !$0.hasPrefix("##") }
        let text = keys.map { $0.dropFirst() }.joined(separator: "\n")
        let loaded = Decoding.decode(text, available: [.embedded])
        #expect(loaded.problems.map(\.description) == [])
        let configuration = try #require(loaded.configuration)
        let defaults = DaemonConfiguration()
        #expect(configuration.defaultProfile == defaults.defaultProfile)
        #expect(configuration.limits == defaults.limits)
        #expect(configuration.log == defaults.log)
        #expect(configuration.socket.mode == defaults.socket.mode)
        let root = DaemonPaths.resolve(arguments: DaemonArguments(), environment: [:], uid: 0)
        #expect(configuration.socket.path == (try root.socketPath(configured: nil)))
        var profile = ProfileConfiguration(name: "default")
        profile.sessionDurationMinutes = 60
        #expect(configuration.profiles == [profile])
        for key in [
            "defaultProfile:", "socket:", "key:", "access:", "profiles:", "limits:", "log:", "maxSubscriptions:",
            "maxConnectionsPerUser:", "maxConnections:", "level:", "format:", "interval:", "timeout:", "jitter:",
            "keepAlive:", "allowSignUp:",
        ] {
            #expect(text.contains(key))
        }
    }
}
