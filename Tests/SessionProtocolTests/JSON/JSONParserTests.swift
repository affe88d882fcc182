import SessionProtocol
import Testing

@Suite("The strict JSON parser")
struct JSONParserTests {
    static let socket = JSONParser.Bounds(maxDepth: 32, maxValues: 4096, numbers: .interoperable)

    static func refusal(of text: String, bounds: JSONParser.Bounds = socket) -> JSONParseError? {
        do {
            _ = try JSONParser.parse(Array(text.utf8).span, bounds: bounds)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "a text becomes the value that it spells",
        arguments: [
            ("null", nil), ("true", true), ("false", false), ("0", 0), ("-0", 0), ("-17", -17),
            ("9007199254740991", .integer(9_007_199_254_740_991)), ("9223372036854775807", .integer(.max)),
            ("-9223372036854775808", .integer(.min)), ("9223372036854775808", .number("9223372036854775808")),
            ("-9223372036854775809", .number("-9223372036854775809")), ("1.0", .number("1.0")),
            ("1E+2", .number("1E+2")), ("1e400", .number("1e400")), (#""""#, ""), (#""a""#, "a"),
            (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u0041\u00e9\u20AC\uD83D\uDE00""#, "Aé€😀"),
            (#""\u0000""#, "\u{0}"), (#""x\u0000y""#, "x\u{0}y"), ("\"é€😀\u{7F}\"", "é€😀\u{7F}"),
            (#""\uFFFF\uDBFF\uDFFF""#, "\u{FFFF}\u{10FFFF}"), (#""é\né\n""#, "é\né\n"), ("[]", []), ("{}", [:]),
            (" [ 1 , [ ] , { } ] ", [1, [], [:]]), ("\t\r\n{\"a\":\n{\"b\":[null]}}\r", ["a": ["b": [nil]]]),
            (#"{"":0,"a b":1}"#, ["": 0, "a b": 1]), (#"{"a":{"x":1},"b":{"x":1}}"#, ["a": ["x": 1], "b": ["x": 1]]),
        ] as [(String, JSONValue)])
    func value(_ text: String, _ value: JSONValue) throws {
        #expect(try JSONValue.parse(Array(text.utf8)) == value)
    }

    @Test(
        "the position of a fault is that of the first byte that does not fit",
        arguments: [
            ("", 0), (" ", 1), ("[1,]", 3), ("[1", 2), ("[1 2]", 3), ("{\"a\"1}", 4), ("{\"a\":}", 5), ("{a:1}", 1),
            ("nul", 3), ("nulL", 3), ("[truE]", 4), ("01", 1), ("-", 1), ("-a", 1), ("1.", 2), ("1.e1", 2), ("1e", 2),
            ("1e+", 3), ("+1", 0), (".5", 0), ("1 x", 2), ("\"a", 2), ("\"a\n\"", 2), (#""a\x""#, 3), (#""\"#, 2),
            (#""\u12g4""#, 5), (#""\u12"#, 5), (#""ab\uD800""#, 3), (#""\uDC00""#, 1), (#""\uD800\uD800""#, 1),
            (#""\uD800\n""#, 1), ("\u{FEFF}1", 0), ("[1]]", 3), ("{\"a\":1,}", 7),
        ])
    func position(_ text: String, _ position: Int) {
        #expect(Self.refusal(of: text) == .notJSON(position: position))
    }

    @Test(
        "what is no UTF-8 is refused where it begins",
        arguments: [
            ([0x22, 0xFF, 0x22], 1), ([0x22, 0x61, 0xC0, 0x80, 0x22], 2), ([0x22, 0xE0, 0x80, 0xAF, 0x22], 1),
            ([0x22, 0xED, 0xA0, 0x80, 0x22], 1), ([0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], 1), ([0x22, 0xC3, 0x22], 1),
            ([0x22, 0xE2, 0x82], 1), ([0x22, 0x80, 0x0A, 0x22], 1), ([0x22, 0x5C, 0x6E, 0xC3, 0x22], 3),
            ([0xFF, 0xFE, 0x31, 0x00], 0), ([0x31, 0x00], 1), ([0x00, 0x31], 0),
        ] as [([UInt8], Int)])
    func encoding(_ bytes: [UInt8], _ position: Int) {
        #expect(throws: JSONParseError.notJSON(position: position)) { try JSONValue.parse(bytes) }
    }

    @Test(
        "a member twice in one object is refused at its second name, whatever its spelling and depth",
        arguments: [
            (#"{"a":1,"a":1}"#, 7), (#"{"a":1,"\u0061":2}"#, 7), (#"{"\u0061":1,"a":2}"#, 12),
            (#"[{"x":{"b":1,"c":2,"b":3}}]"#, 19), (#"{"":1,"":2}"#, 6), (#"{"😀":1,"\uD83D\uDE00":2}"#, 10),
            ("{\"\u{E9}\":1,\"e\u{301}\":2}", 8),
        ])
    func duplicateKey(_ text: String, _ position: Int) {
        #expect(Self.refusal(of: text) == .duplicateKey(position: position))
    }

    @Test("of several faults the first from left to right counts")
    func firstFault() {
        #expect(Self.refusal(of: #"{"a":1,"a":2"#) == .duplicateKey(position: 7))
        #expect(Self.refusal(of: #"{"a":,"a":2}"#) == .notJSON(position: 5))
        #expect(Self.refusal(of: "[1e400,]") == .numberOutOfRange(position: 1))
        #expect(Self.refusal(of: String(repeating: "[", count: 40)) == .tooDeep(limit: 32))
    }

    @Test("the level under the deepest is refused, scalars have none", arguments: [("[", "]"), ("{\"a\":", "}")])
    func depth(_ open: String, _ close: String) {
        func nested(_ levels: Int) -> String {
            String(repeating: open, count: levels) + "1" + String(repeating: close, count: levels)
        }
        #expect(Self.refusal(of: nested(32)) == nil)
        #expect(Self.refusal(of: nested(33)) == .tooDeep(limit: 32))
    }

    @Test("containers and scalars count as values, names do not")
    func values() {
        func array(_ elements: Int) -> String { "[" + String(repeating: "0,", count: elements - 1) + "[]]" }
        #expect(Self.refusal(of: array(4095)) == nil)
        #expect(Self.refusal(of: array(4096)) == .tooManyValues(limit: 4096))
        let members = (0..<4095).map { "\"\($0)\":\"\"" }.joined(separator: ",")
        #expect(Self.refusal(of: "{\(members)}") == nil)
        #expect(Self.refusal(of: "{\(members),\"x\":null}") == .tooManyValues(limit: 4096))
    }

    @Test(
        "the socket takes no number that some client cannot hold",
        arguments: [
            ("9007199254740991", true), ("-9007199254740991", true), ("9007199254740992", false),
            ("-9007199254740992", false), ("18446744073709551616", false), ("1e308", true), ("1e309", false),
            ("-1e400", false), ("1e-400", true), ("0e999999999", true), ("1.5", true),
            ("0." + String(repeating: "0", count: 5000) + "1", true),
            (String(repeating: "9", count: 400) + ".5", false),
            ("1e99999999999999999999999", false),
        ])
    func numbers(_ text: String, _ isTaken: Bool) throws {
        #expect(Self.refusal(of: text) == (isTaken ? nil : .numberOutOfRange(position: 0)))
        #expect(throws: Never.self) { try JSONValue.parse(Array(text.utf8)) }
    }

    @Test(
        "a long run of combining marks is refused, whatever its spelling", arguments: ["\u{301}", "\u{F73}", "\\u0327"])
    func marks(_ mark: String) {
        func text(_ marks: Int) -> String { "[{\"a" + String(repeating: mark, count: marks) + "b\":1}]" }
        #expect(Self.refusal(of: text(256)) == nil)
        #expect(Self.refusal(of: text(257)) == .tooManyMarks(limit: 256, position: 2))
        #expect(Self.refusal(of: "[\"" + String(repeating: "e\(mark)", count: 3000) + "\"]") == nil)
    }

    @Test("looking for repeated members takes no longer a member in a large object than in a small one")
    func duplicateSearchIsLinear() {
        // The last member repeats the first, so the whole object has been searched when it is refused.
        func time(members: Int) -> Duration {
            let names = (0..<members).map { "\"member-\($0)\":0" }.joined(separator: ",")
            let text = Array("{\(names),\"member-0\":0}".utf8)
            let clock = ContinuousClock()
            return (0..<5).map { _ in
                clock.measure {
                    #expect(throws: JSONParseError.self) { try JSONValue.parse(text) }
                }
            }.min() ?? .zero
        }
        // Sixteen times the members; quadratic search would take 256 times as long.
        #expect(time(members: 16_384) < time(members: 1024) * 80)
    }
}
