import Glibc
import SessionProtocol
import Testing

extension Durability {
    @Suite("The vault's key", .timeLimit(.minutes(1)))
    struct KeyTests {
        private static func setup() throws -> (DaemonProcess.Setup, TemporaryFolder) {
            let folder = try TemporaryFolder()
            try folder.write((0..<32).map { _ in "5e" }.joined() + "aa\n", to: "wrong-length", mode: 0o600)
            try folder.write((0..<32).map { String(format: UInt8($0 * 7)) }.joined() + "\n", to: "key", mode: 0o600)
            try folder.write(
                (0..<32).map { String(format: UInt8($0 * 3 + 1)) }.joined() + "\n", to: "other", mode: 0o600)
            var setup = DaemonProcess.Setup()
            setup.isSeeded = false
            setup.configuration = "key: {file: \(folder.path)/key}\nprofiles: {default: {provider: embedded}}\n"
            return (setup, folder)
        }

        @Test("missing, wrong or not a key: the phase is sealed, nothing is lost, and a reload brings it back")
        func sealed() async throws {
            let (setup, keys) = try Self.setup()
            let daemon = try await DaemonProcess.start(setup)
            let connection = try daemon.connect()
            try await connection.call(
                "authority.user.add", ["username": .string(Seed.username), "password": .string(Seed.password)])
            let before = try await connection.signIn()
            #expect(!Files.names(in: daemon.state).contains("master.key"))
            for replacement in ["", "other", "wrong-length"] {
                #expect(try await daemon.stop() == .status(0))
                rename(keys.path + "/key", keys.path + "/away")
                if !replacement.isEmpty { rename("\(keys.path)/\(replacement)", keys.path + "/key") }
                let files = try Files.all(in: daemon.state + "/profiles")
                try await daemon.start()
                let sealed = try daemon.connect()
                let snapshot = try await sealed.call("session.get")
                #expect(snapshot["phase"] == "sealed", "with \(replacement): \(snapshot)")
                #expect(snapshot["cause"]?["kind"] == "keyUnavailable")
                #expect(snapshot["objects"]?["session"] == ["state": "unavailable", "reason": "sealed"])
                #expect(try await sealed.failure("session.token").kind == "keyUnavailable")
                let grant = try await sealed.call("authority.grant", ["username": .string(Seed.username)])
                let refused = try await sealed.failure(
                    "session.exchange", ["accessToken": grant["accessToken"] ?? .null])
                #expect(refused.kind == "keyUnavailable")
                #expect(try await sealed.call("server.health")["status"] == "degraded")
                #expect(try Files.all(in: daemon.state + "/profiles") == files)
                rename(keys.path + "/away", keys.path + "/key")
                try await sealed.call("session.watch", ["topics": ["phase"]])
                try daemon.process.signal(SIGHUP)
                let back = try await sealed.state { $0["phase"] == "active" }
                #expect(back["expiresAt"] == before["expiresAt"])
            }
        }
    }
}

extension String {
    /// Two hexadecimal digits.
    fileprivate init(format byte: UInt8) { self = (byte < 16 ? "0" : "") + String(byte, radix: 16) }
}
