import Logging
import Testing

@testable import DaemonProcess

@Suite("Log lines")
struct LogLineTests {
    static let texts: [(LogLine, String)] = [
        (LogLine(level: .info, message: "ready"), "info ready"),
        (
            LogLine(level: .warning, message: "over limit", metadata: ["uid": "1000", "limit": "\(64)"]),
            "warning over limit limit=64 uid=1000"
        ),
        (
            LogLine(level: .error, message: "a\nb\tc\r", metadata: ["k": "two words", "q": "a\"b\\c", "e": ""]),
            #"error a\nb\tc\r e="" k="two words" q="a\"b\\c""#
        ),
        (
            LogLine(level: .debug, message: "x", metadata: ["k": "a=b", "n": "l1\nl2", "u": "näh", "a\nb": "1"]),
            #"debug x a\nb=1 k="a=b" n="l1\nl2" u=näh"#
        ),
        (
            LogLine(level: .notice, message: "\u{1B}[31mred\u{202E}", metadata: ["z": "\u{0}\u{85}\u{2028}"]),
            #"notice \u{1b}[31mred\u{202e} z="\u{0}\u{85}\u{2028}""#
        ),
    ]

    @Test("a fact is one line whatever it holds", arguments: texts)
    func text(line: LogLine, expected: String) {
        #expect(
            String(decoding: line.encoded(as: .text, time: nil, hasPriority: false), as: UTF8.self) == expected + "\n")
    }

    static let priorities: [(Logger.Level, String)] = [
        (.trace, "<7>"), (.debug, "<7>"), (.info, "<6>"), (.notice, "<5>"), (.warning, "<4>"), (.error, "<3>"),
        (.critical, "<2>"),
    ]

    @Test("journald gets the priority in front, in both formats", arguments: priorities)
    func priority(level: Logger.Level, prefix: String) {
        let line = LogLine(level: level, message: "m")
        #expect(
            String(decoding: line.encoded(as: .text, time: nil, hasPriority: true), as: UTF8.self)
                == "\(prefix)\(level) m\n")
        #expect(
            String(decoding: line.encoded(as: .json, time: nil, hasPriority: true), as: UTF8.self).hasPrefix(
                prefix + "{"))
    }

    @Test("everybody else gets the time in front")
    func time() {
        let line = LogLine(level: .info, message: "m").encoded(as: .text, time: "T", hasPriority: false)
        #expect(String(decoding: line, as: UTF8.self) == "T info m\n")
    }

    @Test("json keeps every text whole")
    func json() {
        let line = LogLine(level: .info, message: "a \"b\"\n", metadata: ["level": "mine", "k": "\u{1}"])
        let text = String(decoding: line.encoded(as: .json, time: "T", hasPriority: false), as: UTF8.self)
        #expect(
            text == #"{"fields":{"k":"\u0001","level":"mine"},"level":"info","message":"a \"b\"\n","time":"T"}"# + "\n")
    }

    @Test(
        "no line is longer than a pipe takes at once, and a cut breaks no character or JSON",
        arguments: LogFormat.allCases)
    func length(format: LogFormat) throws {
        for filler in ["x", "é", "\u{1}", "\"", "🙂"] {
            let long = String(repeating: filler, count: 9000)
            let facts: [(String, Logger.Metadata)] = [
                (long, [:]), ("m", ["k": "\(long)"]), (long, ["k": "\(long)", "l": "\(long)"]),
                ("m", Dictionary(uniqueKeysWithValues: (0..<900).map { ("key\($0)", "value") })),
                ("m", ["\(long)": "v"]),
            ]
            for (message, metadata) in facts {
                let line = LogLine(level: .info, message: message, metadata: metadata)
                let bytes = line.encoded(as: format, time: "2026-11-21T22:20:07.123Z", hasPriority: true)
                #expect(bytes.count <= LogLine.maximumBytes)
                #expect(String(validating: bytes, as: UTF8.self) != nil)
                #expect(bytes.last == 0x0A && bytes.dropLast().allSatisfy { $0 != 0x0A })
                if format == .json { #expect(bytes.dropLast().last == UInt8(ascii: "}")) }
            }
        }
    }

    static let times: [(Int64, String)] = [
        (0, "1970-01-01T00:00:00.000Z"), (1_763_750_000_123, "2025-11-21T18:33:20.123Z"),
        (-1, "1969-12-31T23:59:59.999Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
    ]

    @Test("times are RFC 3339 in UTC", arguments: times)
    func utc(milliseconds: Int64, expected: String) {
        #expect(utcTime(milliseconds: milliseconds) == expected)
    }
}
