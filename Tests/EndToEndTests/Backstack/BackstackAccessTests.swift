import FakeServices
import SessionProtocol
import Testing

extension Backstack {
    @Suite("Access and alerts of Backstack", .timeLimit(.minutes(1)))
    struct AccessTests {
        /// Granted: account-users:cr, account-payment-methods:ru, reports without a letter.
        static let table: [(required: String, isAllowed: Bool)] = [
            ("*", true), ("account-users:c", true), ("account-users:d", false), ("account-users:dr", true),
            ("account-users", true), ("account-users:*", true), ("account-users:", false), ("account-users:C", false),
            ("reports", true), ("reports:r", false), ("other", false), ("other:r,account-users:r", true),
            ("other:r, account-users:r", false), ("other:r,*", true),
        ]

        @Test("access.check answers by Backstack's grammar without asking, and grants * alone while signed out")
        func grammar() async throws {
            let site = try await BackstackSite()
            let daemon = try await site.daemon(interval: "180s")
            let connection = try daemon.connect()
            for (required, _) in Self.table {
                #expect(
                    try await connection.allowed(required) == [.bool(required == "*" || required == "other:r,*")],
                    "\(required) while signed out")
            }
            try await connection.call("session.signIn", BackstackSite.fields("kari"))
            site.fake.forgetCalls()
            for (required, isAllowed) in Self.table {
                #expect(try await connection.allowed(required) == [.bool(isAllowed)], "\(required)")
            }
            let pair = try await connection.call("access.check", ["resource": "account-users", "action": "r"])
            #expect(pair["allowed"] == true && pair["lastValidatedAt"]?.integerValue != nil)
            #expect(try await connection.failure("access.check").code == -32602)
            #expect(site.fake.calls().isEmpty)
        }

        @Test("sessionctl access check answers by its exit code, and shows what is granted")
        func commands() async throws {
            let site = try await BackstackSite()
            let (daemon, connection) = try await site.signedIn()
            for (words, status) in [
                (["account-users:c"], 0), (["account-users:d"], 1),
                (["--resource", "account-users", "--action", "r"], 0),
                (["*"], 0),
            ] as [([String], Int32)] {
                let outcome = try await Command.sessionctl(["access", "check"] + words, for: daemon)
                #expect(outcome.status == .status(status), "\(words): \(outcome.errors)")
            }
            let shown = try await Command.sessionctl("access", for: daemon)
            #expect(shown.output.contains("account-payment-methods") && shown.output.contains("ru"), "\(shown.output)")
            try await connection.call("session.revoke")
            #expect(try await Command.sessionctl("access", "check", "*", for: daemon).status == .status(0))
            #expect(
                try await Command.sessionctl("access", "check", "account-users:c", for: daemon).status == .status(1))
        }

        @Test("in demo mode every requirement is met but an empty one, and while the screen is locked * alone")
        func demo() async throws {
            let site = try await BackstackSite()
            site.fake.choices.isDemo = true
            let (daemon, connection) = try await site.signedIn()
            #expect(try await connection.allowed("other:d", "account-users:") == [true, true])
            let empty = try await connection.call("access.check", ["required": ""])
            #expect(empty["allowed"] == false)
            try await connection.call("session.lock")
            #expect(try await connection.allowed("*", "other:d") == [true, false])
            try await connection.call("session.revoke")
            #expect(try await connection.allowed("*", "other:d") == [true, false])
            #expect(try daemon.process.isRunning)
        }

        @Test("alerts.list leaves out what may not be seen and puts the most urgent first, then the newest")
        func alerts() async throws {
            let site = try await BackstackSite()
            func alert(_ id: String, _ access: JSONValue, priority: JSONValue?, timestamp: Int64) -> JSONValue {
                var members: [String: JSONValue] = [
                    "id": .string(id), "title": .string("Title of \(id)"), "access": access,
                    "timestamp": .integer(timestamp), "text": "…", "href": "/x",
                ]
                members["priority"] = priority
                return .object(members)
            }
            site.fake.setAlerts([
                alert("none", "*", priority: .none, timestamp: 9), alert("second-old", "*", priority: 2, timestamp: 1),
                alert("forbidden", "account-users:d", priority: 1, timestamp: 9),
                alert("second-new", "account-users:r", priority: 2, timestamp: 5),
                alert("nameless", .null, priority: 1, timestamp: 9),
                alert("first", "account-payment-methods:u", priority: 1, timestamp: 2),
                alert("unknown", "other", priority: 1, timestamp: 9),
            ])
            let (daemon, connection) = try await site.signedIn()
            let expected = ["first", "second-new", "second-old", "none"]
            let listed = try await connection.call("alerts.list")["alerts"]?.arrayValue
            #expect(listed?.compactMap { $0["id"]?.stringValue } == expected)
            #expect(try await connection.object("alerts")["value"]?.arrayValue?.count == 7, "the object is whole")
            let shown = try await Command.sessionctl("alerts", for: daemon)
            let headlines = shown.output.split(separator: "\n").filter { $0.contains("Title of") }
            #expect(headlines.map { $0.split(separator: " ").last.map(String.init) } == expected, "\(shown.output)")
            try await connection.call("session.revoke")
            #expect(try await connection.call("alerts.list")["alerts"] == [])
            #expect(try await Command.sessionctl("alerts", for: daemon).output == "No alerts.\n")
        }
    }
}
