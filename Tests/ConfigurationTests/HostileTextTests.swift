import Testing

@testable import DaemonConfiguration

/// Whatever a file holds: an answer, soon, and never a crash.
@Suite("Configuration files from hell", .timeLimit(.minutes(5)))
struct HostileTextTests {
    /// Everything that YAML knows, once.
    private static let everything = """
        %YAML 1.1
        %TAG !e! tag:example.org,2000:
        --- # a comment
        log: {level: info, "format": 'te''xt'}
        socket: &anchor !!map
          mode: "\\u0030\\x36\\
            60\\0"
          group: |+2
              kept

          path: >-
            folded
            text
        ? [a, {b: c}]
        : - *anchor
          - ! "x"
          - !e!thing {? d : e, f}
        key: ~
        ä👋: \u{85}\u{2028}end
        ...
        --- second
        """

    private func answer(_ bytes: [UInt8]) -> (node: YAMLNode?, problem: ConfigurationProblem?) {
        do {
            return (try ConfigurationText(path: "t", bytes: bytes).document(), nil)
        } catch {
            return (nil, error)
        }
    }

    private func expectSense(_ bytes: [UInt8]) {
        // The bytes that YAML's line breaks end with, the Unicode ones too.
        let lines = bytes.count { [0x0A, 0x0D, 0x85, 0xA8, 0xA9].contains($0) } + 2
        guard let problem = answer(bytes).problem else { return }
        #expect(!problem.message.isEmpty && !problem.remedy.isEmpty)
        if let line = problem.line { #expect((1...lines).contains(line), "\(problem)") }
    }

    @Test("a file that ends at any byte")
    func truncated() {
        let bytes = Array(Self.everything.utf8)
        for end in 0...bytes.count { expectSense(Array(bytes[..<end])) }
        for start in 0..<bytes.count { expectSense(Array(bytes[start...])) }
    }

    @Test(
        "a file with any byte exchanged",
        arguments: Array("\n\t :-?[]{},&*!|>'\"%@`#\\\u{0}".utf8) + [0x80, 0xC3, 0xFF])
    func exchanged(_ byte: UInt8) {
        let bytes = Array(Self.everything.utf8)
        for index in bytes.indices {
            var changed = bytes
            changed[index] = byte
            expectSense(changed)
        }
    }

    /// A megabyte of what costs a parser more than its length: levels, names to compare, texts to join.
    static let floods: [(unit: String, part: String)] = [
        ("[", "nested"), ("{", "nested"), ("- ", "nested"), ("? ", "nested"), ("[{a: ", "nested"), ("- ? ", "nested"),
        ("a: {b: [", "nested"), ("&a ", "anchors"), ("!a ", "tags"), ("!!", ""), ("*a ", ""), ("'", ""),
        ("\"", ""),
        ("--- a\n", "one document"), ("--- []\n", "one document"), ("%YAML 1.1\n", "%"), ("a:\n", "more than once"),
        ("? a\n", "more than once"), (",", ""), ("]", ""), ("|\n", ""),
        ("\\", ""), ("\u{2028}", ""), ("@", ""), ("`", ""), ("a\n", ""), ("\n", ""), ("#\n", ""), ("\u{FEFF}", ""),
    ]

    @Test("a file full of one thing", arguments: floods)
    func flood(unit: String, part: String) {
        let whole = String(repeating: unit, count: ConfigurationText.maximumBytes / unit.utf8.count)
        let problem = answer(Array(whole.utf8)).problem
        #expect(part.isEmpty || problem.map { "\($0)".contains(part) } == true, "\(String(describing: problem))")
        for start in ["log: ", "log:\n  - ", "\"", "'", "|\n ", "["] {
            expectSense(Array((start + String(repeating: unit, count: 2000)).utf8))
        }
    }

    @Test(
        "a file full of different things",
        arguments: ["%TAG !e{}! tag:\n", "a{}: b\n", "- a{}\n", "&a{} ", "? [a{}]\n"])
    func numberedFlood(unit: String) {
        var text = ""
        var number = 0
        while text.utf8.count < ConfigurationText.maximumBytes - 64 {
            number += 1
            text += unit.split(separator: "{}", maxSplits: 1).joined(separator: "\(number)")
        }
        expectSense(Array(text.utf8))
    }

    @Test("a list of everything that may be written comes out as it was written")
    func whole() throws {
        let text = """
            - plain text
            - 'quoted ''text'''
            - "escaped \\u00e4\\n"
            - |
              kept
              lines
            - >-
              folded
              lines
            - 7
            - ~
            -
            - [a, "b", {c: d}]
            """
        let node = try #require(answer(Array(text.utf8)).node)
        guard case .list(let elements) = node.value else { throw NotAList() }
        let scalars = elements.map { element in
            guard case .scalar(let text, let isPlain) = element.value else { return "other" }
            return (isPlain ? "plain " : "quoted ") + text
        }
        #expect(
            scalars == [
                "plain plain text", "quoted quoted 'text'", "quoted escaped ä\n", "quoted kept\nlines\n",
                "quoted folded lines", "plain 7", "plain ~", "plain ", "other",
            ])
        #expect(elements.map(\.position.line) == [1, 2, 3, 4, 7, 10, 11, 12, 13])
    }

    private struct NotAList: Error {}
}
