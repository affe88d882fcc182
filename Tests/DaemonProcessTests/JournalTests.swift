import Dispatch
import Logging
import SessionCore
import Synchronization
import Testing

@testable import DaemonProcess

@Suite("The journal", .timeLimit(.minutes(1)))
struct JournalTests {
    /// A journal that takes, refuses or stalls as a test says.
    private final class FakeSink: Sendable {
        private let state = Mutex<(entries: [JournalEntry], refuses: Bool)>(([], false))
        private let gate = DispatchSemaphore(value: 0)
        private let isStalled: Bool

        init(isStalled: Bool = false) { self.isStalled = isStalled }

        var entries: [JournalEntry] { state.withLock { $0.entries } }
        var refuses: Bool {
            get { state.withLock { $0.refuses } }
            set { state.withLock { $0.refuses = newValue } }
        }
        func goOn() { gate.signal() }

        func take(_ entry: JournalEntry) -> Bool {
            if isStalled {
                gate.wait()
                gate.signal()
            }
            return state.withLock { state in
                if !state.refuses { state.entries.append(entry) }
                return !state.refuses
            }
        }
    }

    private static func output(to end: LogEnd, _ sink: FakeSink, windowMs: Int64 = 600_000) -> LogOutput {
        LogOutput(descriptor: end.writing, journalStream: end.stream, windowMs: windowMs) { sink.take($0) }
    }

    private static func message(_ entry: JournalEntry) -> String {
        entry.fields.first { $0.hasPrefix("MESSAGE=") }.map { String($0.dropFirst(8)) } ?? ""
    }

    @Test("an entry has its message, priority, id, name, place and values as fields")
    func fields() throws {
        let end = try LogEnd(isSocket: true)
        let sink = FakeSink()
        let output = Self.output(to: end, sink)
        var logger = Logger(label: "sessiond") { LineLogHandler(label: $0, output: output) }
        logger[metadataKey: "profile"] = "shop"
        let secret = try #require(Secret("hunter2"))
        logger.event(
            .clientDenied, "client denied",
            metadata: ["uid": "1000", "pid": "12", "sqliteCode": "5", "token": .stringConvertible(secret)])
        let line = #line - 3
        output.finish(within: .seconds(20))
        let entry = try #require(sink.entries.first)
        #expect(
            entry.fields == [
                "MESSAGE=client denied pid=12 profile=shop sqliteCode=5 token=<secret> uid=1000", "PRIORITY=5",
                "SYSLOG_IDENTIFIER=sessiond", "MESSAGE_ID=\(OperationalEvent.clientDenied.messageID)",
                "SESSIOND_EVENT=client-denied", "SESSIOND_PEER_PID=12", "SESSIOND_PROFILE=shop",
                "SESSIOND_SQLITE_CODE=5", "SESSIOND_TOKEN=<secret>", "SESSIOND_PEER_UID=1000",
            ])
        #expect(entry.place == CodePlace(file: #fileID, function: #function, line: UInt(line)))
        #expect(end.drain() == "", "nothing is said twice")
    }

    @Test("what is no event has no id, and its line is as long as any line may be")
    func plain() throws {
        let line = LogLine(
            level: .info, message: String(repeating: "é", count: 9000), metadata: ["a b": "c", "x": "1"])
        let fields = JournalEntry(line, as: .text).fields
        #expect(fields.count == 4, "a name that journald would refuse is in the message alone")
        #expect(fields.last == "SESSIOND_X=1" && fields.allSatisfy { $0.utf8.count <= LogLine.maximumBytes })
    }

    @Test("no value ends its field or steers a terminal")
    func controls() {
        let line = LogLine(level: .info, message: "a\nPRIORITY=0", metadata: ["k": "x\n\u{1B}[31mMESSAGE_ID=1"])
        let fields = JournalEntry(line, as: .text).fields
        #expect(fields.first?.hasPrefix(#"MESSAGE=a\nPRIORITY=0"#) == true)
        #expect(fields.last == #"SESSIOND_K=x\n\u{1b}[31mMESSAGE_ID=1"#)
    }

    @Test("with json the message is the object")
    func json() {
        let line = LogLine(level: .info, message: "m", metadata: ["logger": "sessiond"], event: .ready)
        #expect(
            JournalEntry(line, as: .json).fields.first
                == #"MESSAGE={"event":"ready","fields":{"logger":"sessiond"},"level":"info","message":"m"}"#)
    }

    @Test(
        "names become fields that journald takes, or none",
        arguments: [
            ("profile", "SESSIOND_PROFILE"), ("uid", "SESSIOND_PEER_UID"), ("sqliteCode", "SESSIOND_SQLITE_CODE"),
            ("a2_b", "SESSIOND_A2_B"), ("", nil), ("a-b", nil), ("é", nil), (String(repeating: "a", count: 60), nil),
        ] as [(String, String?)])
    func names(name: String, field: String?) {
        #expect(JournalEntry.fieldName(name) == field)
    }

    @Test("what the journal refuses is a line with its priority on standard error")
    func refused() throws {
        let end = try LogEnd(isSocket: true)
        let sink = FakeSink()
        sink.refuses = true
        let output = Self.output(to: end, sink)
        output.write(LogLine(level: .error, message: "m"))
        output.finish(within: .seconds(20))
        #expect(end.drain() == "<3>error m\n")
    }

    @Test("where standard error is not the journal's, the journal gets nothing")
    func otherStream() throws {
        let end = try LogEnd(isSocket: false)
        let sink = FakeSink()
        for stream in [nil, "1:2"] {
            let output = LogOutput(descriptor: end.writing, journalStream: stream) { sink.take($0) }
            output.write(LogLine(level: .error, message: "m", event: .incident))
            output.finish(within: .seconds(20))
            #expect(end.drain().hasSuffix("Z error m\n"), "a text line does not show the event")
        }
        #expect(sink.entries.isEmpty)
    }

    @Test("a stalled journal holds up neither who logs nor the end; what it cost is told once it goes on")
    func stalled() throws {
        let end = try LogEnd(isSocket: true)
        let sink = FakeSink(isStalled: true)
        let output = Self.output(to: end, sink)
        let filler = String(repeating: "x", count: 3000)
        for number in 0..<1000 { output.write(LogLine(level: .info, message: "\(number) \(filler)")) }
        let clock = ContinuousClock()
        let began = clock.now
        output.finish(within: .milliseconds(50))
        #expect(clock.now - began < .seconds(10))
        #expect(sink.entries.isEmpty)
        sink.goOn()
        output.write(LogLine(level: .info, message: "again"))
        output.finish(within: .seconds(30))
        let messages = sink.entries.map(Self.message)
        let taken = messages.count { $0.hasSuffix("x") }
        #expect(taken > 100 && taken < 1000)
        // The line after the stall may have been dropped too, after the first count was told.
        let lost = 1000 - taken + (messages.contains("again") ? 0 : 1)
        let told = sink.entries.flatMap(\.fields).compactMap { $0.wholeMatch(of: /SESSIOND_DROPPED=(\d+)/) }
        #expect(told.compactMap { Int($0.1) }.reduce(0, +) == lost)
        #expect(sink.entries.contains { $0.fields.contains("SESSIOND_EVENT=entries-dropped") })
    }

    @Test("repeats are told when their window is over, though nothing else is logged")
    func repeats() async throws {
        let end = try LogEnd(isSocket: true)
        let (told, continuation) = AsyncStream<JournalEntry>.makeStream()
        let output = LogOutput(descriptor: end.writing, journalStream: end.stream, windowMs: 50) {
            continuation.yield($0)
            return true
        }
        for _ in 0..<3 { output.write(LogLine(level: .warning, message: "m", event: .heartbeatFailed)) }
        var repeats = 0
        for await entry in told {
            let count = entry.fields.compactMap { $0.wholeMatch(of: /SESSIOND_REPEATS=(\d+)/) }.first
            repeats += count.flatMap { Int($0.1) } ?? 1
            if repeats == 3 { break }
        }
        #expect(repeats == 3)
    }

    @Test("the end tells the repeats that still wait")
    func end() throws {
        let end = try LogEnd(isSocket: true)
        let sink = FakeSink()
        let output = Self.output(to: end, sink)
        for _ in 0..<3 { output.write(LogLine(level: .warning, message: "m", event: .heartbeatFailed)) }
        output.finish(within: .seconds(20))
        #expect(sink.entries.count == 2)
        #expect(sink.entries.last.map(Self.message)?.hasPrefix("m (repeated 2 times in ") == true)
        #expect(sink.entries.last?.fields.contains("SESSIOND_REPEATS=2") == true)
    }
}
