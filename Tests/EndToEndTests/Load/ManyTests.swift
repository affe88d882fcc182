import Glibc
import SessionProtocol
import Testing

extension Clients {
    @Suite("Many", .timeLimit(.minutes(2)))
    struct ManyTests {
        @Test("a thousand profiles start soon and cost little")
        func profiles() async throws {
            var setup = DaemonProcess.Setup()
            for number in 0..<1000 { setup.profiles["p\(number)"] = "provider: embedded\n" }
            let daemon = try await DaemonProcess.prepare(setup)
            let clock = ContinuousClock()
            let start = clock.now
            try await daemon.start()
            let duration = clock.now - start
            let connection = try daemon.connect()
            #expect(try await connection.call("profile.list")["profiles"]?.arrayValue?.count == 1001)
            try await connection.signIn(profile: "p777")
            #expect(try await connection.call("session.get", ["profile": "p777"])["phase"] == "active")
            let status = try Files.text("/proc/\(try daemon.process.pid)/status").split(separator: "\n")
            let resident = status.first { $0.hasPrefix("VmRSS") } ?? ""
            print("1000 profiles: READY after \(duration), \(resident)")
            #expect(duration < .seconds(15))
            #expect(try await daemon.stop() == .status(0))
        }

        @Test("five hundred connections of several users are served, and those over a limit are told so", .needsRoot)
        func connections() async throws {
            let daemon = try await DaemonProcess.start(
                configuration: """
                    socket: {mode: "0666"}
                    limits: {maxConnections: 500, maxConnectionsPerUser: 100}

                    """)
            var connections: [WireConnection] = []
            for number in 0..<500 {
                connections.append(try WireConnection(path: daemon.socket, asUser: 65_100 + UInt32(number / 100)))
            }
            for connection in connections { connection.send(1, "server.ping") }
            for connection in connections { #expect(try await connection.line()?["result"] == [:]) }
            for refused in [try WireConnection(path: daemon.socket, asUser: 65_100), try daemon.connect()] {
                let line = try #require(try await refused.line())
                #expect(line["error"]?["data"]?["kind"] == "busy" && line["id"] == .null)
                #expect(try await refused.line() == nil)
            }
            connections.removeLast(100)
            // A place is free when the daemon has seen the end of the connection that held it.
            var isServed = false
            for _ in 0..<100 where !isServed {
                isServed = (try? await WireConnection(path: daemon.socket, asUser: 65_104).call("server.ping")) != nil
            }
            #expect(isServed)
        }

        @Test("sixty-four connections of one user are the limit unless it is set")
        func defaultLimit() async throws {
            let daemon = try await DaemonProcess.start()
            let connections = try (0..<64).map { _ in try daemon.connect() }
            for connection in connections { try await connection.call("server.ping") }
            let refused = try #require(try await daemon.connect().line())
            #expect(refused["error"]?["code"] == 1005 && refused["error"]?["data"]?["limit"] == 64)
        }

        @Test("fifty busy clients and one that never reads: everybody else is answered")
        func hammer() async throws {
            let daemon = try await DaemonProcess.start()
            let idle = try daemon.connect()
            try await idle.signIn()
            // Its answers fill every buffer, and then the daemon stops reading from it.
            let flood = WireConnection.request(1, "rpc.discover").encoded + [0x0A]
            let flooding = Task { try await blocking { for _ in 0..<400 where idle.sendUnlessFull(flood) {} } }
            let clock = ContinuousClock()
            let start = clock.now
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<50 {
                    let connection = try daemon.connect()
                    group.addTask {
                        for _ in 0..<40 {
                            let phase = try await connection.call("session.get")["phase"]
                            #expect(phase == "active")
                        }
                    }
                }
                try await group.waitForAll()
            }
            print("50 clients, 2000 calls beside one that never reads: \(clock.now - start)")
            try await flooding.value
            #expect(try await daemon.connect().call("server.health")["status"] == "ok")
        }
    }
}
