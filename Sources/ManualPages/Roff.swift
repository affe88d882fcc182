/// A page in the macros of man(7), as ASCII.
///
/// What is between backticks in a text is bold. Everything else in it is text, whatever characters it holds.
struct Roff: Sendable {
    private(set) var text: String

    init(title: String, section: Int, heading: String, version: String) {
        text = ".\\\" Made by `make man` of the sources that define what is said here.\n"
        // Without a date: a page is the same whenever it is made.
        text += ".TH \(title) \(section) \"\" \"\(version)\" \"\(heading)\"\n"
        // No hyphenation, and no lines stretched to the margin.
        text += ".nh\n.ad l\n"
    }

    mutating func section(_ name: String) { text += ".SH \"\(Self.escaped(name))\"\n" }

    mutating func subsection(_ name: String) { text += ".SS \"\(Self.escaped(name))\"\n" }

    mutating func paragraph(_ words: String) { text += ".PP\n" + Self.line(words) }

    /// `program - what it does`, in the form that apropos(1) reads.
    mutating func name(_ name: String, _ purpose: String) {
        section("NAME")
        text += "\(Self.escaped(name)) \\- \(Self.escaped(purpose))\n"
    }

    /// A way to call the program.
    mutating func call(_ program: String, _ arguments: String) {
        text += ".HP\n\\fB\(Self.escaped(program))\\fR \(Self.escaped(arguments))\n"
    }

    /// A term and what it means.
    mutating func item(_ term: String, _ paragraphs: String...) {
        text += ".TP\n" + Self.line(term)
        for (index, words) in paragraphs.enumerated() {
            if index > 0 { text += ".br\n" }
            text += Self.line(words)
        }
    }

    /// Lines as they are.
    mutating func example(_ lines: String) {
        text += ".PP\n.RS 4\n.EX\n"
        for line in lines.split(separator: "\n", omittingEmptySubsequences: false) {
            text += line.isEmpty ? "\\&\n" : Self.shielded(Self.escaped(String(line))) + "\n"
        }
        text += ".EE\n.RE\n"
    }

    private static func line(_ words: String) -> String { shielded(marked(words)) + "\n" }

    /// A dot or an apostrophe at the start of a line would make a request of it.
    private static func shielded(_ line: String) -> String {
        line.hasPrefix(".") || line.hasPrefix("'") ? "\\&" + line : line
    }

    /// The words in one line, with backticks made bold. A backtick without its partner stays one.
    private static func marked(_ words: String) -> String {
        let parts = words.split(separator: "`", omittingEmptySubsequences: false)
        var result = ""
        for (index, part) in parts.enumerated() {
            let piece = escaped(part.split(whereSeparator: \.isNewline).joined(separator: " "))
            switch index {
            case _ where index % 2 == 0: result += piece
            case parts.count - 1: result += "\\(ga" + piece
            default: result += "\\fB\(piece)\\fR"
            }
        }
        return result
    }

    /// Characters that mean something to roff, or that it would print as another one.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\e"
            case "-": result += "\\-"
            case "'": result += "\\(aq"
            case "`": result += "\\(ga"
            case "\"": result += "\\(dq"
            case "^": result += "\\(ha"
            case "~": result += "\\(ti"
            case _ where scalar.isASCII: result.unicodeScalars.append(scalar)
            default:
                let digits = String(scalar.value, radix: 16, uppercase: true)
                result += "\\[u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "]"
            }
        }
        return result
    }
}
