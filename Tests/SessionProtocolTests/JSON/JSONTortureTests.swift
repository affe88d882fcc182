import SessionProtocol
import Testing

@Suite("The classes of JSONTestSuite")
struct JSONTortureTests {
    @Test("sound texts are accepted, written and accepted again", arguments: TortureTexts.sound)
    func sound(_ text: String) throws {
        let value = try JSONParser.parse(Array(text.utf8).span, bounds: JSONParserTests.socket)
        #expect(try JSONValue.parse(value.encoded) == value)
    }

    @Test("unsound texts are refused as no JSON", arguments: TortureTexts.unsound + TortureTexts.refusedByChoice)
    func unsound(_ text: String) {
        expectNotJSON(Array(text.utf8))
    }

    @Test("what is no UTF-8 is refused as no JSON", arguments: TortureTexts.notUTF8)
    func notUTF8(_ bytes: [UInt8]) {
        expectNotJSON(bytes)
    }

    @Test("a sound text that is cut short is refused or another sound text, and never read past its end")
    func cutShort() {
        for text in TortureTexts.sound {
            let bytes = Array(text.utf8)
            for length in 0..<bytes.count {
                let prefix = Array(bytes[..<length])
                guard let value = try? JSONValue.parse(prefix) else {
                    expectNotJSON(prefix)
                    continue
                }
                // Only a number or trailing space can be shortened and stay whole.
                #expect(value == (try? JSONValue.parse(bytes)) || value.isNumber, "\(text) cut to \(length)")
            }
        }
    }

    @Test("hostile nesting is refused at the limit, not by the stack", arguments: ["[", "{\"a\":", "[{\"\":"])
    func nesting(_ open: String) {
        let text = Array(String(repeating: open, count: 100_000).utf8)
        #expect(throws: JSONParseError.tooDeep(limit: 128)) { try JSONValue.parse(text) }
    }

    private func expectNotJSON(_ bytes: [UInt8]) {
        do {
            let value = try JSONValue.parse(bytes)
            Issue.record("\(bytes) was read as \(value)")
        } catch {
            guard case .notJSON(let position) = error, (0...bytes.count).contains(position) else {
                Issue.record("\(bytes) was refused for \(error)")
                return
            }
        }
    }
}

extension JSONValue {
    fileprivate var isNumber: Bool {
        switch self {
        case .integer, .number: true
        default: false
        }
    }
}
