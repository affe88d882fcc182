import SessionProtocol
import Testing

@Suite("The JSON writer")
struct JSONWriterTests {
    @Test("whatever value is written, the parser reads that value back", arguments: 0..<40)
    func roundTrip(_ seed: Int) throws {
        var random = RandomJSON(seed: seed)
        for _ in 0..<100 {
            let value = random.value()
            let text = value.encoded
            #expect(try JSONValue.parse(text) == value, "seed \(seed): \(String(decoding: text, as: UTF8.self))")
            #expect(!text.contains { $0 < 0x20 }, "seed \(seed): no byte may end the line")
        }
    }

    @Test(
        "a value has one compact spelling, members in the order of their names",
        arguments: [
            (nil, "null"), (true, "true"), (.integer(.min), "-9223372036854775808"), (0, "0"), (-10, "-10"),
            (.number("1.50e+7"), "1.50e+7"), ("", #""""#), ([], "[]"), ([:], "{}"), ([[], [:]], "[[],{}]"),
            (["b": 1, "a": [nil, "x"], "": false], #"{"":false,"a":[null,"x"],"b":1}"#),
            ("\u{0}\u{1F}\n\r\t\u{8}\u{C}\"\\/\u{7F}é", #""\u0000\u001f\n\r\t\b\f\"\\/"# + "\u{7F}é\""),
        ] as [(JSONValue, String)])
    func spelling(_ value: JSONValue, _ text: String) {
        #expect(String(decoding: value.encoded, as: UTF8.self) == text)
    }

    @Test(
        "a number that is none goes out as a string, so that it breaks no line",
        arguments: ["", "1\n", " 1", "01", "NaN", "1,2", "}", "0x10", "[]", "true"])
    func falseNumber(_ spelling: String) throws {
        #expect(try JSONValue.parse(JSONValue.array([.number(spelling)]).encoded) == [.string(spelling)])
    }

    @Test("members, elements and raw values are kept apart by commas, lines by line feeds")
    func separators() throws {
        var writer = JSONWriter()
        for line in 0..<2 {
            writer.beginObject()
            writer.name("a")
            writer.integer(Int64(line))
            writer.name("b")
            writer.beginArray()
            writer.null()
            writer.bool(true)
            writer.raw("[1]".utf8)
            writer.string("s")
            writer.beginObject()
            writer.endObject()
            writer.value(.number("1.5"))
            writer.endArray()
            writer.name("c")
            writer.raw("{}".utf8)
            writer.endObject()
            writer.lineFeed()
        }
        let lines = (0..<2).map { #"{"a":\#($0),"b":[null,true,[1],"s",{},1.5],"c":{}}"# + "\n" }
        #expect(String(decoding: writer.bytes, as: UTF8.self) == lines.joined())
    }
}
