import SessionProtocol
import Testing

extension Sessions {
    @Suite("access.check", .timeLimit(.minutes(1)))
    struct AccessTests {
        /// Ada may docs:crud and bills:r.
        static let table: [(String, Bool)] = [
            ("*", true), ("docs:r", true), ("docs:crud", true), ("docs:d", true), ("bills:r", true), ("bills:c", false),
            ("bills:ru", true), ("bills:cu", false), ("bills:", false), ("other:r", false), ("other:r,docs:r", true),
            ("docs", true), ("other", false),
        ]

        @Test("by the user's rights, and everything but * refused while signed out")
        func table() async throws {
            let daemon = try await DaemonProcess.start()
            let connection = try daemon.connect()
            for (required, _) in Self.table {
                let answer = try await connection.call("access.check", ["required": .string(required)])
                #expect(answer["allowed"] == .bool(required == "*"), "\(required) while signed out")
            }
            try await connection.signIn()
            for (required, isAllowed) in Self.table {
                let answer = try await connection.call("access.check", ["required": .string(required)])
                #expect(answer["allowed"] == .bool(isAllowed), "\(required)")
                #expect(answer["lastValidatedAt"]?.integerValue != nil)
            }
            #expect(try await connection.call("access.check", ["resource": "docs", "action": "u"])["allowed"] == true)
            #expect(
                try await connection.call("access.check", ["resource": "bills", "action": "u"])["allowed"] == false)
        }

        @Test("an administrator's change of rights counts as soon as a watcher has seen it")
        func change() async throws {
            let daemon = try await DaemonProcess.start()
            let connection = try daemon.connect()
            try await connection.signIn()
            try await connection.call("session.watch", ["topics": ["access"]])
            try await daemon.connect().call(
                "authority.user.update", ["username": .string(Seed.username), "access": ["bills": "cu"]])
            let state = try await connection.state { _ in true }
            #expect(state["objects"]?["access"]?["value"] == ["bills": "cu"])
            #expect(try await connection.call("access.check", ["required": "bills:u"])["allowed"] == true)
            #expect(try await connection.call("access.check", ["required": "docs:r"])["allowed"] == false)
        }
    }
}
