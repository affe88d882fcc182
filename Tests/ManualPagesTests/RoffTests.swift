import Testing

@testable import ManualPages

@Suite("The text of a manual page")
struct RoffTests {
    static let texts: [(String, String)] = [
        ("plain words", "plain words"), ("--config", "\\-\\-config"), ("a\\b", "a\\eb"), ("it's", "it\\(aqs"),
        ("\"0660\"", "\\(dq0660\\(dq"), ("~/x^2", "\\(ti/x\\(ha2"), ("password, …", "password, \\[u2026]"),
        ("\u{1F511}", "\\[u1F511]"), ("é", "\\[u00E9]"),
    ]

    @Test("what means something to roff is escaped", arguments: texts)
    func escapes(text: String, expected: String) {
        #expect(Roff.escaped(text) == expected)
    }

    static let paragraphs: [(String, String)] = [
        ("run `a -b` now", "run \\fBa \\-b\\fR now"), (".hidden", "\\&.hidden"), ("'quoted'", "\\(aqquoted\\(aq"),
        ("two\nlines", "two lines"), ("a ` alone", "a \\(ga alone"), ("`x`", "\\fBx\\fR"),
    ]

    @Test("backticks are bold, and no text becomes a request", arguments: paragraphs)
    func marks(text: String, expected: String) {
        var page = Roff(title: "X", section: 1, heading: "H", version: "v")
        let before = page.text
        page.paragraph(text)
        #expect(page.text.dropFirst(before.count) == ".PP\n\(expected)\n")
    }

    @Test("an example keeps its lines")
    func example() {
        var page = Roff(title: "X", section: 1, heading: "H", version: "v")
        let before = page.text
        page.example("a:\n\n  .b: 'c'")
        #expect(page.text.dropFirst(before.count) == ".PP\n.RS 4\n.EX\na:\n\\&\n  .b: \\(aqc\\(aq\n.EE\n.RE\n")
    }
}
