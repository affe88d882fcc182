import Logging
import SessionCore
import Testing

@testable import DaemonProcess

@Suite("Repeated events")
struct RepeatCoalescerTests {
    private static func line(
        _ event: OperationalEvent? = .heartbeatFailed, _ message: String = "m", profile: String = "p",
        _ more: Logger.Metadata = [:]
    ) -> LogLine {
        var metadata = more
        metadata["profile"] = "\(profile)"
        return LogLine(level: .warning, message: message, metadata: metadata, event: event)
    }

    private var coalescer = RepeatCoalescer(windowMs: 600_000)

    private mutating func take(_ line: LogLine, at now: Int64) -> [String] {
        coalescer.take(line, at: now).map(\.message)
    }

    @Test("the first is told at once, those that follow together when the window is over")
    mutating func repeats() {
        #expect(take(Self.line(), at: 0) == ["m"])
        #expect(coalescer.nextDue == nil, "nothing to tell, so nobody has to wake up")
        for number in 1...37 { #expect(take(Self.line(), at: Int64(number) * 10_000).isEmpty) }
        #expect(coalescer.nextDue == 600_000)
        #expect(coalescer.due(at: 599_999).isEmpty)
        let told = coalescer.due(at: 600_000)
        #expect(told.map(\.message) == ["m (repeated 37 times in 10 min)"])
        #expect(told.first?.repeats == 37 && told.first?.event == .heartbeatFailed)
        #expect(coalescer.nextDue == nil)
    }

    @Test("while it goes on every window is told; after one without it the next is news")
    mutating func windows() {
        #expect(take(Self.line(), at: 0) == ["m"])
        #expect(take(Self.line(), at: 1).isEmpty)
        #expect(take(Self.line(), at: 600_000) == ["m (repeated 1 time in 10 min)"])
        #expect(coalescer.nextDue == 1_200_000)
        #expect(coalescer.due(at: 1_200_000).map(\.message) == ["m (repeated 1 time in 10 min)"])
        #expect(take(Self.line(), at: 1_800_000) == ["m"])
    }

    @Test("what differs is told at once: profile, text, reason, event")
    mutating func differences() {
        let lines = [
            Self.line(), Self.line(profile: "q"), Self.line(.heartbeatFailed, "n"),
            Self.line(.heartbeatFailed, "m", ["reason": "a"]), Self.line(.heartbeatFailed, "m", ["reason": "b"]),
            Self.line(.misconfigured),
        ]
        for line in lines { #expect(take(line, at: 0) == [line.message]) }
        for line in lines { #expect(take(line, at: 1).isEmpty) }
        #expect(coalescer.finish(at: 2).count == lines.count)
    }

    @Test("another process of the same peer is no news, another user is")
    mutating func peers() {
        func denied(_ uid: Int, _ pid: Int) -> LogLine {
            LogLine(level: .notice, message: "m", metadata: ["uid": "\(uid)", "pid": "\(pid)"], event: .clientDenied)
        }
        #expect(take(denied(1, 10), at: 0) == ["m"])
        #expect(take(denied(1, 11), at: 0).isEmpty)
        #expect(take(denied(2, 12), at: 0) == ["m"])
    }

    @Test(
        "what has changed is told every time",
        arguments: OperationalEvent.allCases.filter { !$0.isCondition } + [nil])
    func changes(event: OperationalEvent?) {
        var coalescer = RepeatCoalescer(windowMs: 600_000)
        for _ in 0..<3 { #expect(coalescer.take(Self.line(event), at: 0).count == 1) }
        #expect(coalescer.finish(at: 1).isEmpty)
    }

    @Test("the end of a condition tells what was collected before it, and makes the next a first one")
    mutating func resolved() {
        #expect(take(Self.line(), at: 0) == ["m"])
        #expect(take(Self.line(profile: "q"), at: 0) == ["m"])
        for _ in 0..<2 {
            #expect(take(Self.line(), at: 1000).isEmpty)
            #expect(take(Self.line(profile: "q"), at: 1000).isEmpty)
        }
        #expect(
            take(Self.line(.sessionConfirmed, "well"), at: 20_000) == ["m (repeated 2 times in 20 s)", "well"])
        #expect(take(Self.line(), at: 21_000) == ["m"])
        #expect(take(Self.line(profile: "q"), at: 21_000).isEmpty, "another profile's trouble goes on")
    }

    @Test("memory is bounded, and nothing that was collected is lost over it")
    mutating func bounded() {
        for number in 0..<1000 {
            let line = Self.line(.clientDenied, "m", ["uid": "\(number)"])
            #expect(take(line, at: Int64(number)).last == "m")
            #expect(take(line, at: Int64(number)).isEmpty)
        }
        #expect(coalescer.finish(at: 2000).count == RepeatCoalescer.maximumKeys)
    }
}
