import Foundation
import SessionProtocol
import Testing

/// Python's JSON reader, asked through Tests/torture/strict_json.py.
enum ReferenceParser {
    struct Failed: Error { let status: Int32 }

    static let script = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../torture/strict_json.py").standardizedFileURL

    /// The reference's answers, one a question; nil where this machine has no python3.
    static func answers(to questions: [String]) throws -> [String]? {
        let folder = FileManager.default.temporaryDirectory.appending(path: "reference-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        // Files instead of pipes: neither side can block the other.
        let input = folder.appending(path: "questions")
        let output = folder.appending(path: "answers")
        try Data((questions.joined(separator: "\n") + "\n").utf8).write(to: input)
        try Data().write(to: output)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-I", script.path]
        process.standardInput = try FileHandle(forReadingFrom: input)
        process.standardOutput = try FileHandle(forWritingTo: output)
        try process.run()
        process.waitUntilExit()
        if process.terminationStatus == 127 { return nil }
        guard process.terminationStatus == 0 else { throw Failed(status: process.terminationStatus) }
        return String(decoding: try Data(contentsOf: output), as: UTF8.self).split(separator: "\n").map(String.init)
    }
}

@Suite("The parser and an independent one agree")
struct ReferenceParserTests {
    @Test("on the torture texts", arguments: [JSONParser.Numbers.interoperable, .any])
    func torture(_ numbers: JSONParser.Numbers) throws {
        let texts = (TortureTexts.sound + TortureTexts.unsound + TortureTexts.refusedByChoice).map { Array($0.utf8) }
        try compare(texts.filter { !$0.isEmpty } + TortureTexts.notUTF8, numbers)
    }

    @Test("on random texts and on what mutation makes of them", arguments: 0..<6)
    func random(_ seed: Int) throws {
        var texts = RandomTexts(seed: seed)
        let batch = (0..<1500).map { _ in texts.text() }
        try compare(batch, seed % 2 == 0 ? .interoperable : .any)
        let accepted = batch.filter { (try? JSONValue.parse($0)) != nil }.count
        #expect((200..<1300).contains(accepted), "seed \(seed): the texts must be of both kinds, not \(accepted) sound")
    }

    private func compare(_ texts: [[UInt8]], _ numbers: JSONParser.Numbers) throws {
        let mode = numbers == .any ? "any" : "socket"
        let questions = texts.map { mode + " " + $0.hexadecimal }
        guard let answers = try ReferenceParser.answers(to: questions) else {
            Issue.record(
                "python3 is not available: the parser was not compared with an independent one", severity: .warning)
            return
        }
        try #require(answers.count == texts.count)
        let bounds = JSONParser.Bounds(maxDepth: 32, maxValues: 4096, numbers: numbers)
        for (text, answer) in zip(texts, answers) {
            let own = (try? JSONParser.parse(text.span, bounds: bounds))?.commonForm ?? "refused"
            #expect(own == answer, "\(mode): \(String(decoding: text, as: UTF8.self)) (\(text.hexadecimal))")
        }
    }
}

extension JSONValue {
    /// The form that strict_json.py describes.
    fileprivate var commonForm: String {
        switch self {
        case .null: "n"
        case .bool(let value): value ? "t" : "f"
        case .integer(let value): "i\(value)"
        case .number(let spelling): "d\(spelling)"
        case .string(let value): "s\(Array(value.utf8).hexadecimal)"
        case .array(let elements): "[\(elements.map(\.commonForm).joined(separator: ","))]"
        case .object(let members):
            "{"
                + members.map { (Array($0.key.utf8).hexadecimal, $0.value.commonForm) }.sorted { $0 < $1 }
                .map { "\($0):\($1)" }.joined(separator: ",") + "}"
        }
    }
}

extension [UInt8] {
    fileprivate var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
