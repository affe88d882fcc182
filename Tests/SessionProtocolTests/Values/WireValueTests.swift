import SessionProtocol
import Testing

@Suite("Wire values")
struct WireValueTests {
    static let full = Snapshot(
        profile: "default", provider: "embedded", instance: "6f0c0000-0000-4000-8000-000000000000", revision: 42,
        phase: .active, cause: Cause(.validated, at: 1_763_750_000_123), expiresAt: 1_763_753_600_000,
        lastValidatedAt: 1_763_750_000_123,
        objects: [
            "session": .available(["id": "a\u{0}\"é", "n": .number("1.50")], lastValidatedAt: nil),
            "user": .unavailable(.notProvided), "access": .loading,
        ],
        heartbeat: HeartbeatStatus(
            intervalMs: 180_000, lastAttemptAt: 1, lastSuccessAt: 2, nextAttemptAt: 3, failures: 4,
            lastError: HeartbeatStatus.Failure(kind: "upstreamUnavailable", at: 5)),
        challenge: Challenge(id: "c1", kind: "otp", expiresAt: 7, details: ["sentTo": "…12", "methods": ["totp"]]))

    static let bare = Snapshot(
        profile: "", provider: "x", instance: "", revision: 0, phase: .loading, cause: Cause(.neverSignedIn, at: 0),
        expiresAt: nil, lastValidatedAt: nil, objects: [:], heartbeat: HeartbeatStatus(intervalMs: 1000), challenge: nil
    )

    @Test("a snapshot comes back from its wire shape as it was", arguments: [full, bare])
    func snapshot(_ snapshot: Snapshot) throws {
        #expect(Snapshot(json: try JSONValue.parse(snapshot.json.encoded)) == snapshot)
    }

    @Test("every phase, cause and reason is spelled on the wire as it is named")
    func words() throws {
        for phase in Phase.allCases {
            var snapshot = Self.bare
            snapshot.phase = phase
            #expect(try JSONValue.parse(snapshot.json.encoded)["phase"] == .string("\(phase)"))
        }
        for kind in Cause.Kind.all {
            var snapshot = Self.bare
            snapshot.cause = Cause(kind, at: 1)
            #expect(Snapshot(json: try JSONValue.parse(snapshot.json.encoded))?.cause == Cause(kind, at: 1))
        }
        for reason in ObjectInfo.Reason.allCases {
            let info = ObjectInfo.unavailable(reason)
            #expect(ObjectInfo(json: try JSONValue.parse(info.json.encoded)) == info)
        }
    }

    @Test("every error goes out as JSON with its kind, and echoes no more than 128 bytes of what was sent")
    func errors() throws {
        let long = String(repeating: "é\u{0}", count: 5000)
        let errors: [RPCError] = [
            .parseError(position: 7), .invalidRequest("x"), .lineTooLong(limit: 1), .duplicateKey, .tooDeep(limit: 1),
            .tooManyValues(limit: 1), .duplicateID, .methodNotFound(long), .invalidParams(path: "a", expected: "b"),
            .unknownParams([long]), .internalError(incident: "i"), .cancelled, .permissionDenied(needs: "read"),
            .notSignedIn(.stale), .conflict(revision: 1), .deadlineExceeded(timeoutMs: 1),
            .busy(limit: 1, retryAfterMs: 1), .tooManySubscriptions(limit: 1), .upstreamUnavailable(nextAttemptAt: nil),
            .upstreamRejected(reason: "r", status: nil), .storeFailed, .keyUnavailable, .shuttingDown,
            .protocolUnsupported(min: 1, max: 1), .profileNotFound(long), .notSupported(provider: "p", method: long),
            .misconfigured(reason: "r"), .challengeNotFound,
        ]
        for error in errors {
            let json = try JSONValue.parse(error.json.encoded)
            #expect(json == error.json)
            #expect(json["code"] == .integer(error.code))
            #expect(json["data"]?["kind"] == .string(error.kind))
            #expect(json["data"]?["retryable"]?.boolValue != nil)
            #expect(json.encoded.count < 1200)
        }
    }
}
