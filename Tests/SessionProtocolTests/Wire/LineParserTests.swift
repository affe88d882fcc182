import SessionProtocol
import Testing

@Suite("The line parser")
struct LineParserTests {
    static func parse(_ line: String, limits: Limits = Limits()) -> ParsedLine {
        LineParser.parse(Array(line.utf8).span, limits: limits)
    }

    static func call(id: RequestID?, _ method: String = "m", _ params: [String: JSONValue] = [:]) -> ParsedLine {
        .single(.request(Request(id: id, method: method, params: params)))
    }

    @Test("nothing but space is a blank line", arguments: ["", " ", "\t", "\r", " \t\r \r"])
    func blank(_ line: String) {
        #expect(Self.parse(line) == .blank)
    }

    @Test(
        "a request is read with its id's type and its params by name",
        arguments: [
            (#"{"jsonrpc":"2.0","id":7,"method":"m"}"#, call(id: .integer(7))),
            (#"{"jsonrpc":"2.0","id":"7","method":"m","params":[]}"#, call(id: .string("7"))),
            (#"{"jsonrpc":"2.0","method":"m","params":{}}"#, call(id: nil)),
            (
                #"{"jsonrpc":"2.0","id":0,"method":"m","params":{"a":[null],"b":{"c":null}}}"# + "\r",
                call(id: .integer(0), "m", ["a": [nil], "b": ["c": nil]])
            ),
        ])
    func wellFormed(_ line: String, _ parsed: ParsedLine) {
        #expect(Self.parse(line) == parsed)
    }

    @Test(
        "only lexical refusals count as bad lines",
        arguments: [
            ("{", true), ("1", true), (#"{"a":1,"a":1}"#, true), ("[1e400]", true), (#"{"a":9007199254740992}"#, true),
            ("[]", false), (#"[{"jsonrpc":"2.0","id":1,"method":"session.watch"}]"#, false),
            (#"[{"jsonrpc":"2.0","id":1,"method":"m"},{"jsonrpc":"2.0","id":1,"method":"m"}]"#, false),
            ("[" + String(repeating: "1,", count: 32) + "1]", false),
        ])
    func badLines(_ line: String, _ isBad: Bool) {
        guard case .refused(_, let isLexical) = Self.parse(line) else {
            Issue.record("\(line) was taken")
            return
        }
        #expect(isLexical == isBad)
    }

    @Test("a wrong envelope is refused for itself with id null, wrong params with the request's id")
    func ids() {
        for line in ["{}", #"{"jsonrpc":"2.0","id":1}"#, #"{"jsonrpc":"1.0","id":1,"method":"m"}"#] {
            guard case .single(.refused(let error, id: nil)) = Self.parse(line) else {
                Issue.record("\(line) was not refused with id null")
                continue
            }
            #expect(error.code == -32600 && error.kind == "invalidRequest")
        }
        guard
            case .single(.refused(let error, let id)) = Self.parse(#"{"jsonrpc":"2.0","id":1,"method":"m","params":5}"#)
        else {
            Issue.record("scalar params were taken")
            return
        }
        #expect(id == .integer(1))
        #expect(error.code == -32602 && error.details["path"] == "params")
    }

    @Test(
        "a notification with unusable params becomes one that no method answers to",
        arguments: ["null", "1", "[1]", #"{"force":null}"#])
    func unanswerable(_ params: String) {
        let line = Self.parse(#"{"jsonrpc":"2.0","method":"session.revoke","params":\#(params)}"#)
        #expect(line == .single(.request(.unanswerable)))
    }

    @Test("the limits are those that it is given")
    func limits() {
        var limits = Limits()
        limits.maxDepth = 2
        limits.maxValues = 5
        limits.maxBatch = 2
        limits.maxIDBytes = 1
        let message = #"{"jsonrpc":"2.0","id":"é","method":"m"}"#
        #expect(Self.parse("[[[]]]", limits: limits) == .refused(.tooDeep(limit: 2), isLexical: true))
        #expect(Self.parse("[1,2,3,4,5]", limits: limits) == .refused(.tooManyValues(limit: 5), isLexical: true))
        guard case .refused(let tooMany, isLexical: false) = Self.parse("[1,2,3]", limits: limits),
            case .single(.refused(let tooLong, id: nil)) = Self.parse(message, limits: limits)
        else {
            Issue.record("a limit was not kept")
            return
        }
        #expect(tooMany.details["limit"] == 2)
        #expect(tooLong.details["limit"] == 1)
    }

    @Test("no refusal carries the text that it refuses")
    func noEcho() {
        let secret = "hunter2"
        for line in [
            secret, "\"\(secret)\"", "{\"\(secret)\":1,\"\(secret)\":2}", "[\"\(secret)\"",
            "{\"password\":\"\(secret)\"}",
            #"{"jsonrpc":"2.0","id":["\#(secret)"],"method":"m"}"#, #"{"jsonrpc":"\#(secret)","method":"m"}"#,
            #"{"jsonrpc":"2.0","id":1,"method":"m","params":"\#(secret)"}"#,
        ] {
            #expect(!"\(Self.parse(line))".contains(secret))
        }
    }
}
