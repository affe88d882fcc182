import Glibc
import Logging
import SessionCore
import Testing

@testable import DaemonProcess

/// A pipe or a socket pair whose reading end the test holds.
final class LogEnd {
    let reading: Int32
    let writing: Int32

    init(isSocket: Bool) throws {
        var ends: [Int32] = [-1, -1]
        let result = isSocket ? socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) : pipe(&ends)
        try #require(result == 0)
        (reading, writing) = (ends[0], ends[1])
        _ = fcntl(reading, F_SETFL, O_NONBLOCK)
    }

    deinit {
        close(reading)
        close(writing)
    }

    /// Everything that is there now.
    func drain() -> String {
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(reading, &buffer, buffer.count)
            guard count > 0 else { return String(decoding: all, as: UTF8.self) }
            all += buffer[..<count]
        }
    }

    /// What $JOURNAL_STREAM would say of the writing end.
    var stream: String {
        var status = stat()
        fstat(writing, &status)
        return "\(status.st_dev):\(status.st_ino)"
    }
}

@Suite("Where log lines go")
struct LogOutputTests {
    @Test(
        "the journal's own stream gets a priority and no time; any other a time and no priority",
        arguments: [false, true])
    func journal(isSocket: Bool) throws {
        let end = try LogEnd(isSocket: isSocket)
        LogOutput(descriptor: end.writing, journalStream: end.stream).write(LogLine(level: .error, message: "m"))
        #expect(end.drain() == "<3>error m\n")
        for other in [nil, "", "1:2", end.stream + "0"] {
            LogOutput(descriptor: end.writing, journalStream: other).write(LogLine(level: .error, message: "m"))
            let line = end.drain()
            #expect(line.hasSuffix("Z error m\n") && line.utf8.count == 24 + 1 + 8, "\(line)")
        }
    }

    @Test("a full descriptor never holds up the caller, and what was lost is told", arguments: [false, true])
    func full(isSocket: Bool) throws {
        let end = try LogEnd(isSocket: isSocket)
        let output = LogOutput(descriptor: end.writing, journalStream: nil)
        let filler = String(repeating: "x", count: 3000)
        // More than any pipe or socket buffer takes: without the promise this would never end.
        for number in 0..<1000 { output.write(LogLine(level: .info, message: "\(number) \(filler)")) }
        let first = end.drain()
        let taken = first.split(separator: "\n").count
        #expect(taken > 0 && taken < 1000)
        #expect(first.hasSuffix("x\n"))

        output.write(LogLine(level: .info, message: "again"))
        let second = end.drain().split(separator: "\n")
        #expect(second.count == 2)
        #expect(
            second.first?.hasSuffix("warning log lines were dropped because nobody took them dropped=\(1000 - taken)")
                == true)
        #expect(second.last?.hasSuffix("info again") == true)

        output.write(LogLine(level: .info, message: "once more"))
        #expect(end.drain().split(separator: "\n").count == 1)
    }

    @Test("a reader that is gone costs lines, not the process")
    func goneReader() async {
        await #expect(processExitsWith: .success) {
            signal(SIGPIPE, SIG_IGN)
            for isSocket in [false, true] {
                var ends: [Int32] = [-1, -1]
                let result = isSocket ? socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) : pipe(&ends)
                #expect(result == 0)
                close(ends[0])
                let output = LogOutput(descriptor: ends[1], journalStream: nil)
                output.write(LogLine(level: .info, message: "m"))
                output.write(LogLine(level: .info, message: "m"))
            }
        }
    }

    @Test("lines of many threads stay whole")
    func concurrency() async throws {
        let end = try LogEnd(isSocket: true)
        let output = LogOutput(descriptor: end.writing, journalStream: end.stream)
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for line in 0..<10 { output.write(LogLine(level: .info, message: "\(task).\(line)")) }
                }
            }
        }
        let expected = Set((0..<8).flatMap { task in (0..<10).map { "<6>info \(task).\($0)" } })
        #expect(Set(end.drain().split(separator: "\n").map(String.init)) == expected)
    }

    @Test("a logger's facts arrive with all their metadata, secrets masked")
    func handler() throws {
        let end = try LogEnd(isSocket: false)
        let output = LogOutput(descriptor: end.writing, journalStream: end.stream, level: .info)
        var logger = Logger(label: "keeper") { LineLogHandler(label: $0, output: output) }
        logger[metadataKey: "profile"] = "shop"
        logger.debug("below the level")
        let token = try #require(Secret("hunter2"))
        logger.notice("token renewed", metadata: ["token": .stringConvertible(token), "list": ["a", "b"]])
        #expect(
            end.drain()
                == "<5>notice token renewed list=\"[\\\"a\\\", \\\"b\\\"]\" logger=keeper profile=shop token=<secret>\n"
        )
    }

    @Test("level and format change for loggers that exist already; a logger's own level stays its own")
    func reload() throws {
        let end = try LogEnd(isSocket: false)
        let output = LogOutput(descriptor: end.writing, journalStream: end.stream, level: .warning)
        let logger = Logger(label: "a") { LineLogHandler(label: $0, output: output) }
        var chatty = logger
        chatty.logLevel = .trace
        logger.info("no")
        output.level = .debug
        output.format = .json
        logger.debug("yes")
        #expect(end.drain() == #"<7>{"fields":{"logger":"a"},"level":"debug","message":"yes"}"# + "\n")
        output.level = .critical
        logger.error("no")
        chatty.trace("still")
        #expect(end.drain().hasSuffix(#""message":"still"}"# + "\n"))
    }
}
