import SessionProtocol
import Testing

@testable import SessionClient

@Suite("Values of the API")
struct ValueTests {
    @Test("no way of printing shows a secret")
    func secrets() {
        let token = SessionToken("s3cret")
        let method = SignInMethod.password(username: "ada", password: "s3cret")
        let answer = ChallengeAnswer.code("s3cret")
        let headers = SessionHeaders(["Authorization": token])
        for value in [token, method, answer, headers] as [any Sendable] {
            var dumped = ""
            dump(value, to: &dumped)
            for text in ["\(value)", String(reflecting: value), dumped] { #expect(!text.contains("s3cret")) }
        }
        #expect("\(token)" == "<secret>")
        #expect("\(method)" == #"password ["password", "username"]"#)
    }

    @Test(
        "durations are rounded up to the wire's unit",
        arguments: [
            (Duration.zero, Int64(0), Int64(0)), (.nanoseconds(1), 1, 1), (.milliseconds(1), 1, 1),
            (.seconds(60), 60_000, 1), (.seconds(60) + .nanoseconds(1), 60_001, 2), (.minutes(90), 5_400_000, 90),
            (.seconds(-1), -1000, 0),
        ])
    func durations(duration: Duration, milliseconds: Int64, minutes: Int64) {
        #expect(duration.wholeMilliseconds == milliseconds)
        #expect(duration.wholeMinutes == minutes)
    }

    @Test("a cached object does not outlive the session; the app does, and what is gone keeps its reason")
    func expiry() {
        var snapshot = Samples.snapshot()
        snapshot.expiresAt = 100
        snapshot.objects["app"] = .available([:], lastValidatedAt: nil)
        let posting = StateBoard.Posting(snapshot)
        #expect(posting.current(.session, wall: 99).isAvailable)
        #expect(posting.current(.session, wall: 100) == .unavailable(.expired))
        #expect(posting.current(.user, wall: 100) == .unavailable(.notProvided))
        #expect(posting.current(.app, wall: 100).isAvailable)
    }

    @Test("a kind that this version has no name for keeps its word")
    func kinds() throws {
        let json: JSONValue = ["code": 1099, "message": "m", "data": ["kind": "new", "retryable": true, "x": 1]]
        let error = try #require(SessionError(json: json))
        #expect(error.kind.rawValue == "new")
        #expect(error.isRetryable)
        #expect(error.data["x"] == 1)
        #expect("\(error)" == "new: m")
        #expect(SessionError(json: ["code": -32601, "message": "m"])?.kind.rawValue == "code-32601")
        #expect(SessionError.broken.isRetryable)
        #expect(!SessionError.malformedReply("x").isRetryable)
    }
}
