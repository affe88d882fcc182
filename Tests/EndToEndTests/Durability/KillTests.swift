import Glibc
import SessionProtocol
import Testing

extension Durability {
    @Suite("kill -9 at any moment", .timeLimit(.minutes(3)))
    struct KillTests {
        private static let rounds = 50
        private static let seed: UInt64 = 0x5E55_10D0

        /// One step of the stream of changes, and what the profile looks like after it.
        private enum Step {
            /// Moves the end to so many minutes from now; no two steps of a test have the same.
            case extend(minutes: Int64)
            case signOut
            case signIn(minutes: Int64)

            var isSignOut: Bool { if case .signOut = self { true } else { false } }

            func isSeen(in state: JSONValue, startedAt: Int64) -> Bool {
                switch self {
                case .signOut: return state["phase"] == "signedOut"
                case .extend(let minutes), .signIn(let minutes):
                    // The ends of two steps are seven minutes apart, and all rounds take less than five.
                    guard let end = state["expiresAt"]?.integerValue else { return false }
                    return (0...300_000).contains(end - startedAt - minutes * 60_000)
                }
            }
        }

        @Test("the last acknowledged state or a newer one is there, whole, however often it is killed")
        func kill() async throws {
            let daemon = try await DaemonProcess.start()
            var random = SplitMix(state: Self.seed)
            var minutes: Int64 = 60
            var steps: [Step] = []
            var acknowledged = -1
            let startedAt = Int64(time(nil)) * 1000 - 1000
            for round in 0..<Self.rounds {
                let connection = try daemon.connect()
                let found = try await connection.call("session.get")
                let possible = steps[max(acknowledged, 0)...]
                let isThere = steps.isEmpty || possible.contains { $0.isSeen(in: found, startedAt: startedAt) }
                #expect(
                    isThere,
                    "round \(round), seed \(Self.seed): acknowledged \(acknowledged), possible \(possible), found \(found)"
                )
                #expect(found["cause"]?["kind"] != "recordCorrupt")
                // Confirmed by the authority it is still one of them, and the authority has lost nothing either.
                var settled = try await connection.call(
                    "session.wait", ["until": ["active", "signedOut"], "timeoutMs": 10_000])
                #expect(
                    steps.isEmpty || possible.contains { $0.isSeen(in: settled, startedAt: startedAt) },
                    "round \(round): \(Self.summary(settled))")
                if possible.contains(where: \.isSignOut) {
                    // It may stand in the queue of revocations, and end the session at any moment.
                    settled = try await connection.call("session.revoke")["snapshot"] ?? .null
                }
                let grants = try await grants(connection, 4)
                // What went on before counts no longer.
                steps = []
                acknowledged = -1
                var isSignedIn = settled["phase"] == "active"
                var lines: [UInt8] = []
                for grant in grants {
                    let isEnding = isSignedIn && random.next() % 6 == 0
                    minutes += 7
                    let id = JSONValue.integer(Int64(steps.count))
                    if !isSignedIn {
                        steps.append(.signIn(minutes: minutes))
                        let params: JSONValue = ["accessToken": grant, "sessionDurationMinutes": .integer(minutes)]
                        lines += WireConnection.request(id, "session.exchange", params).encoded + [0x0A]
                        isSignedIn = true
                    } else if isEnding {
                        steps.append(.signOut)
                        lines += WireConnection.request(id, "session.revoke").encoded + [0x0A]
                        isSignedIn = false
                    } else {
                        steps.append(.extend(minutes: minutes))
                        let params: JSONValue = ["sessionDurationMinutes": .integer(minutes)]
                        lines += WireConnection.request(id, "session.authenticate", params).encoded + [0x0A]
                    }
                }
                // Before the first step the state is what it was.
                let before = settled
                connection.send(lines)
                let process = try daemon.process
                let delay = UInt32(random.next() % 30_000)
                async let killed: Void = blocking {
                    usleep(delay)  // clock: the moment of the kill is left to chance
                    process.signal(SIGKILL)
                }
                while let line = try? await connection.line() {
                    #expect(line["error"] == nil, "\(line)")
                    acknowledged = max(acknowledged, Int(line["id"]?.integerValue ?? -1))
                }
                try await killed
                _ = try await process.exit()
                if acknowledged < 0 {
                    steps.insert(Self.step(of: before, startedAt: startedAt), at: 0)
                }
                try await daemon.start()
            }
            let names = Files.names(in: daemon.state + "/profiles")
            #expect(!names.contains { $0.contains("corrupt") }, "\(names)")
        }

        private static func summary(_ state: JSONValue) -> String {
            "\(state["phase"]?.stringValue ?? "") until \(state["expiresAt"]?.integerValue ?? 0)"
        }

        private static func step(of state: JSONValue, startedAt: Int64) -> Step {
            guard let end = state["expiresAt"]?.integerValue else { return .signOut }
            return .extend(minutes: (end - startedAt) / 60_000)
        }

        private func grants(_ connection: WireConnection, _ count: Int) async throws -> [JSONValue] {
            var grants: [JSONValue] = []
            for _ in 0..<count {
                let grant = try await connection.call("authority.grant", ["username": .string(Seed.username)])
                grants.append(grant["accessToken"] ?? .null)
            }
            return grants
        }
    }
}

/// SplitMix64: the same numbers for the same seed, on every machine.
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
