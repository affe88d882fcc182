import CLinux
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
        #expect(posting.current(.session) { _ in 99 }.isAvailable)
        #expect(posting.current(.session) { _ in 100 } == .unavailable(.expired))
        #expect(posting.current(.user) { _ in 100 } == .unavailable(.notProvided))
        #expect(posting.current(.app) { _ in 100 }.isAvailable)
    }

    /// The kernel's ticks are 1 to 10 ms apart: a clock that knew those alone would be late for most of these.
    @Test("the end of a session is seen in its very millisecond", arguments: Int64(1)...40)
    func end(distance: Int64) {
        let end = cl_wall_milliseconds() + distance
        while cl_wall_milliseconds() < end {}
        #expect(WallClock.time(near: end) >= end)
        #expect(ObjectInfo.available([:], lastValidatedAt: nil).unlessPast(end) == .unavailable(.expired))
    }

    @Test("far from the end the time is right to a second, and what is there is there")
    func farFromEnd() {
        let now = cl_wall_milliseconds()
        let info = ObjectInfo.available([:], lastValidatedAt: nil)
        #expect(WallClock.time(near: now + 3_600_000) > now - 1000)
        #expect(info.unlessPast(now + 3_600_000) == info)
        #expect(info.unlessPast(nil) == info)
        #expect(ObjectInfo.loading.unlessPast(now - 1) == .loading)
        #expect(ObjectInfo.unavailable(.locked).unlessPast(now - 1) == .unavailable(.locked))
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
