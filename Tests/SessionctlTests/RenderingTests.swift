import SessionProtocol
import SessionctlCommands
import Testing

@Suite("Rendering")
struct RenderingTests {
    @Test(
        "spans have two units at most",
        arguments: [
            (0, "0 s"), (499, "0 s"), (500, "1 s"), (12_000, "12 s"), (59_400, "59 s"), (60_000, "1 min"),
            (168_000, "2 min 48 s"), (600_000, "10 min"), (57 * 60_000, "57 min"), (3_599_900, "1 h"),
            (125 * 60_000, "2 h 5 min"), (24 * 3_600_000, "1 day"), (76 * 3_600_000, "3 days 4 h"),
            (40 * 86_400_000, "40 days"), (.max, "106751991167 days"),
        ] as [(Int64, String)])
    func span(milliseconds: Int64, expected: String) {
        #expect(TimeWords.span(milliseconds) == expected)
    }

    @Test("distances do not run backwards and do not overflow")
    func distances() {
        #expect(TimeWords.until(noon + 60_000, now: noon) == "in 1 min")
        #expect(TimeWords.until(noon - 60_000, now: noon) == "now")
        #expect(TimeWords.since(noon - 60_000, now: noon) == "1 min ago")
        #expect(TimeWords.since(noon + 60_000, now: noon) == "just now")
        #expect(TimeWords.until(.max, now: .min) == "in 106751991167 days")
        #expect(TimeWords.since(.max, now: .min) == "just now")
    }

    @Test(
        "a time of day is enough on the same day",
        arguments: [
            (noon + 3_600_000, "15:00"), (noon + 86_400_000, "Nov 23 14:00"),
            (noon + 60 * 86_400_000, "2026-01-21 14:00"),
            (Int64.max, "292278994-08-17 07:12"),
        ] as [(Int64, String)])
    func near(time: Int64, expected: String) {
        #expect(LocalTime.utc.near(time, now: noon) == expected)
    }

    @Test(
        "what could drive a terminal is spelled out",
        arguments: [
            ("Ada Lovelace", "Ada Lovelace"), ("a\u{1B}[2Jb", "a\\u{1B}[2Jb"), ("a\r\nb", "a\\u{D}\\u{A}b"),
            ("\u{9B}31m", "\\u{9B}31m"), ("\u{7F}", "\\u{7F}"), ("a\u{202E}b", "a\\u{202E}b"),
            ("a\u{2028}b", "a\\u{2028}b"), ("Zoë 山田 👩‍💻", "Zoë 山田 👩‍💻"), ("\u{FEFF}x", "\\u{FEFF}x"), ("\0", "\\u{0}"),
        ])
    func escape(text: String, expected: String) {
        #expect(Printable.escape(text) == expected)
        #expect(Printable.isSafe(text) == (text == expected))
    }

    @Test(
        "display width counts columns, not characters",
        arguments: [
            ("abc", 3), ("Zoë", 3), ("e\u{301}", 1), ("山田", 4), ("👩‍💻", 2), ("❤️", 2), ("●", 1), ("한글", 4), ("", 0),
        ])
    func width(text: String, expected: Int) {
        #expect(DisplayWidth.of(text) == expected)
    }

    @Test(
        "cutting leaves whole characters and never too many columns",
        arguments: [
            ("abcdef", 6, "abcdef"), ("abcdef", 4, "abc…"), ("山田太郎", 5, "山田…"), ("山田太郎", 4, "山…"), ("abc", 1, "."),
            ("abc", 0, ""),
        ])
    func cut(text: String, columns: Int, expected: String) {
        #expect(DisplayWidth.cut(text, to: columns, ellipsis: "…") == expected)
        #expect(DisplayWidth.of(expected) <= columns)
    }

    @Test("a table is aligned by display width and has no trailing spaces")
    func table() {
        var table = Table([.init("ID"), .init("NAME", mayBeCut: true), .init("")])
        table.add([.init("1"), .init("山田"), .init("x")])
        table.add([.init("22\u{7}"), .init("Ada"), .init("")])
        #expect(
            table.rendered(Style()) == """
                ID       NAME
                1        山田  x
                22\\u{7}  Ada\n
                """)
    }

    @Test("a narrow terminal cuts only the columns that may be cut")
    func narrowTable() {
        var table = Table([.init("ID"), .init("NAME", mayBeCut: true), .init("TEXT", mayBeCut: true)])
        table.add([.init("an-id-of-many-characters"), .init("Ada Lovelace"), .init("something rather long to say")])
        #expect(
            table.rendered(Style(columns: 50)) == """
                ID                        NAME         TEXT
                an-id-of-many-characters  Ada Lovela…  something …\n
                """)
    }

    @Test("colour paints cells and does not shift them")
    func colour() {
        var table = Table([.init("A"), .init("B")])
        table.add([.init("1", .green), .init("2")])
        #expect(
            table.rendered(Style(colour: true)) == "\u{1B}[2mA\u{1B}[0m  \u{1B}[2mB\u{1B}[0m\n\u{1B}[32m1\u{1B}[0m  2\n"
        )
    }

    @Test(
        "colour needs a terminal and nobody who objects",
        arguments: [
            ([:], true, false, true), ([:], false, false, false), ([:], true, true, false),
            (["NO_COLOR": "1"], true, false, false), (["NO_COLOR": ""], true, false, true),
            (["TERM": "dumb"], true, false, false),
        ] as [([String: String], Bool, Bool, Bool)])
    func colourDecision(environment: [String: String], isTerminal: Bool, forbids: Bool, expected: Bool) {
        let style = Style(
            environment: { environment[$0] }, isTerminal: isTerminal, terminalColumns: 80, forbidsColour: forbids)
        #expect(style.colour == expected)
        #expect(style.columns == (isTerminal ? 80 : nil))
    }

    @Test(
        "the locale decides about marks beyond ASCII, its strongest variable first",
        arguments: [
            (["LANG": "de_DE.UTF-8"], true), (["LANG": "C.utf8"], true), ([:], false), (["LANG": "C"], false),
            (["LANG": "de_DE.UTF-8", "LC_ALL": "C"], false),
            (["LANG": "C", "LC_CTYPE": "C.UTF-8", "LC_ALL": ""], true),
        ] as [([String: String], Bool)])
    func unicode(environment: [String: String], expected: Bool) {
        let style = Style(
            environment: { environment[$0] }, isTerminal: false, terminalColumns: nil, forbidsColour: false)
        #expect(style.unicode == expected)
    }

    @Test("COLUMNS overrides the terminal's width, nonsense does not", arguments: [("40", 40), ("0", 80), ("x", 80)])
    func columns(named: String, expected: Int) {
        let style = Style(
            environment: { $0 == "COLUMNS" ? named : nil }, isTerminal: true, terminalColumns: 80,
            forbidsColour: false)
        #expect(style.columns == expected)
    }

    @Test(
        "text is broken at spaces; a long word is left whole",
        arguments: [
            ("one two three", 7, ["one two", "three"]), ("incomprehensible it is", 5, ["incomprehensible", "it is"]),
            ("short", 20, ["short"]),
        ])
    func wrapping(text: String, width: Int, expected: [String]) {
        #expect(Wrapping.lines(text, width: width) == expected)
        #expect(Wrapping.lines(text, width: nil) == [text])
    }

    @Test("JSON on a terminal cannot drive it either")
    func jsonLine() {
        let value: JSONValue = ["name": "a\u{1B}\u{7F}\u{9B}é"]
        #expect(value.line == "{\"name\":\"a\\u001b\\u007f\\u009bé\"}\n")
    }

    @Test(
        "a word for the shell is quoted where it must be",
        arguments: [
            ("shop-1.a_b", "shop-1.a_b"), ("", "''"), ("a b", "'a b'"), ("it's", "'it'\\''s'"), ("$(x)", "'$(x)'"),
        ])
    func quoting(word: String, expected: String) {
        #expect(ShellWord.quote(word) == expected)
    }

    @Test(
        "a person is named by what the provider's object offers",
        arguments: [
            (["id": "u1", "username": "ada", "name": "Ada Lovelace"], "Ada Lovelace (ada)"),
            (["id": "u1", "username": "ada", "name": nil], "ada"),
            (["id": "u1", "username": "ada", "name": "ada"], "ada"),
            (
                [
                    "user_id": "user-1", "name": ["first_name": "Ada", "middle_name": "", "last_name": "Lovelace"],
                    "emails": [["email": "ada@example.com"]],
                ], "Ada Lovelace (ada@example.com)"
            ),
            (
                [
                    "user_id": "user-1", "name": ["first_name": ""], "emails": [],
                    "phone_numbers": [["phone_number": "+1555"]],
                ],
                "+1555"
            ),
            (["member_id": "m1", "email_address": "ada@example.com", "name": ""], "ada@example.com"),
            (["user_id": "user-1"], "user-1"), (["name": "Eve\u{1B}[31m"], "Eve\\u{1B}[31m"), ([:], nil), ("text", nil),
        ] as [(JSONValue, String?)])
    func person(user: JSONValue, expected: String?) {
        #expect(Person.named(in: ["user": .available(user, lastValidatedAt: nil)]) == expected)
        #expect(Person.named(in: ["member": .available(user, lastValidatedAt: nil)]) == expected)
    }
}
