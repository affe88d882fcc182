import Glibc
import SessionProtocol
import Testing

extension Durability {
    /// System calls that fail, by strace: as a broken disk looks to the daemon.
    @Suite("A disk that fails", .timeLimit(.minutes(1)), .needsStrace)
    struct FaultTests {
        /// What the vault calls, and the error it gets.
        static let faults = [
            "fsync:error=EIO", "renameat,renameat2,rename:error=ENOSPC",
            "linkat:error=EIO",
        ]

        @Test("storeFailed, the old state intact, and the daemon serves on", arguments: faults)
        func fault(_ fault: String) async throws {
            let daemon = try await DaemonProcess.start()
            let connection = try daemon.connect()
            let before = try await connection.signIn()
            let files = try Files.all(in: daemon.state + "/profiles")
            let saboteur = try await Saboteur(daemon, fault)
            let failure = try await connection.failure("user.update", ["user": ["n": 1]])
            #expect(failure.kind == "storeFailed")
            #expect(failure.code == 1008)
            let health = try await connection.call("server.health")
            #expect(health["status"] == "degraded")
            #expect(health["checks"]?.arrayValue?.first { $0["name"] == "store" }?["ok"] == false)
            #expect(try await connection.call("session.get")["objects"]?["user"] == before["objects"]?["user"])
            #expect(try await connection.call("session.token")["tokens"]?["sessionToken"] != nil)
            try await saboteur.stop()
            let after = try Files.all(in: daemon.state + "/profiles")
            #expect(after["default.sealed"] == files["default.sealed"])
            let updated = try await connection.call("user.update", ["user": ["n": 2]])
            #expect(updated["objects"]?["user"]?["value"] == ["n": 2])
            #expect(try await connection.call("server.health")["status"] == "ok")
        }

        @Test("killed between any two system calls of a save, the old state or the new one is there")
        func killedInASave() async throws {
            let daemon = try await DaemonProcess.start()
            var end = try await daemon.connect().signIn()["expiresAt"] ?? .null
            // One save makes one of the first, two of the second, and so on.
            for (call, when) in [
                ("renameat,renameat2,rename", 1), ("fsync", 1), ("fsync", 2), ("linkat", 1), ("unlinkat", 1),
            ] {
                let connection = try daemon.connect()
                try await connection.call("session.wait", ["until": ["active"]])
                let saboteur = try await Saboteur(daemon, "\(call):signal=SIGKILL:when=\(when)")
                let reply = try? await connection.call(
                    "session.authenticate", ["sessionDurationMinutes": .integer(Int64(100 + when))])
                #expect(reply == nil, "\(call) \(when) was not met")
                _ = try await daemon.process.exit()
                try await saboteur.stop()
                try await daemon.start()
                let found = try await daemon.connect().call("session.get")
                #expect(found["cause"]?["kind"] != "recordCorrupt")
                let isOld = found["expiresAt"] == end
                let newEnd = (found["expiresAt"]?.integerValue ?? 0) - Int64(time(nil)) * 1000
                #expect(isOld || abs(newEnd - Int64(100 + when) * 60_000) < 30_000, "\(call): \(found)")
                end = try await daemon.connect().call("session.wait", ["until": ["active"]])["expiresAt"] ?? .null
            }
        }
    }
}

/// A strace that makes some of the daemon's system calls fail for as long as it is attached.
final class Saboteur: Sendable {
    private let strace: RunningCommand

    init(_ daemon: DaemonProcess, _ fault: String) async throws {
        let calls = fault.split(separator: ":").first ?? ""
        let pid = try daemon.process.pid
        strace = try RunningCommand([
            "strace", "-f", "-e", "trace=\(calls)", "-e", "inject=\(fault)", "-o", "/dev/null", "-p", "\(pid)",
        ])
        // It says so once all threads are attached.
        guard let line = try await strace.errors.text(), line.contains("attached") else {
            throw TooLate(what: "strace to attach")
        }
    }

    func stop() async throws {
        strace.process.signal(SIGINT)
        _ = try await strace.process.exit()
    }
}
