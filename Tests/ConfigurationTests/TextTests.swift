import Logging
import Testing

@testable import DaemonConfiguration

@Suite("What a configuration file may hold")
struct TextTests {
    /// A text, the line and a part of the message or remedy.
    static let refused: [(String, Int?, String)] = [
        ("log:\n\tlevel: info\n", 2, "indent with spaces, not tabs"),
        ("log:\n  level: info\n  level: debug\n", 2, "more than once"),
        ("log: {level: info}\n\"log\": {level: debug}\n", 1, "more than once"),
        ("log: {level: info\n", nil, ""),
        ("log: \"info\n", nil, ""),
        ("a: b: c\n", 1, "put a text that holds `: ` in quotes"),
        ("log: {level: info}\n---\nlog: {}\n", 2, "one document a file"),
        ("log: &l {level: info}\n", 1, "anchors and aliases"),
        ("socket: &s {mode: \"0660\"}\nlog: *s\n", 1, "anchors and aliases"),
        ("log: *nowhere\n", 1, "undefined alias"),
        ("log:\n  <<: {level: info}\n", 2, "unknown key"),
        ("log: !!map {level: info}\nlimits: !special {}\n", 2, "tags"),
        ("defaultProfile: !!binary aGk=\n", 1, "tags"),
        ("? [a, b]\n: c\n", 1, "one word"),
        ("- log\n", 1, "expected keys with values"),
        ("just text\n", 1, "expected keys with values"),
        ("log:\n  level: in\u{7}fo\n", 2, "control character (U+0007)"),
        ("log:\u{0}\n", 1, "control character (U+0000)"),
        (String(repeating: "[", count: 500_000), 1, "nest"),
        (String(repeating: "a: {", count: 40) + String(repeating: "}", count: 40), 1, "nested deeper than 16"),
        (bomb, 1, "anchors and aliases"),
        (keyBomb, 1, "anchors and aliases"),
    ]

    /// Nine levels of nine: a billion laughs.
    static let bomb =
        "a0: &a0 [x]\n"
        + (1...9).map { level in
            "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", "))]\n"
        }.joined()

    /// Keys are compared, so that an alias as a key would cost its whole expansion.
    static let keyBomb =
        "a0: &a0 [x]\n"
        + (1...30).map { "a\($0): &a\($0) [*a\($0 - 1), *a\($0 - 1)]\n" }.joined() + "? *a30\n: b\n"

    @Test("what YAML can do beyond keys and values is refused with its line", arguments: refused)
    func refusal(text: String, line: Int?, part: String) throws {
        let loaded = Decoding.decode(text)
        #expect(loaded.configuration == nil)
        let problem = try #require(loaded.problems.first)
        if let line { #expect(problem.line == line) }
        #expect(problem.file == "main.yaml")
        #expect("\(problem)".lowercased().contains(part.lowercased()), "\(problem)")
    }

    @Test("stars in comments and texts are no aliases")
    func stars() {
        let text = """
            # *one* *two* *three* *four* *five* *six* *seven* *eight* *nine* *ten*
            log: {level: info} # *this* too
            defaultProfile: "default"
            """
        #expect(Decoding.decode(text).problems.isEmpty)
    }

    @Test("bytes that are no UTF-8 are told with their line")
    func notUTF8() throws {
        var decoder = ConfigurationDecoder(accounts: Decoding.accounts, available: [.embedded])
        let bytes = Array("log:\n  level: ".utf8) + [0xC3, 0x28, 0x0A]
        let loaded = decoder.decode(
            mainPath: "m", main: ConfigurationText(path: "m", bytes: bytes), profileTexts: [])
        #expect(loaded.problems.map(\.description) == ["m:2: not UTF-8 — save the file in UTF-8"])
    }

    @Test("a file over the limit is refused before it is parsed; one at the limit is read")
    func size() {
        let comment = "# " + String(repeating: "x", count: ConfigurationText.maximumBytes - 3) + "\n"
        #expect(Decoding.decode(comment).problems.isEmpty)
        let problems = Decoding.decode(comment + "\n").problems
        #expect(problems.map(\.message) == ["longer than 1048576 bytes"])
    }

    @Test("carriage returns and a byte order mark do no harm")
    func foreignEditors() {
        #expect(Decoding.decode("\u{FEFF}log:\r\n  level: debug\r\n").configuration?.log.level == .debug)
    }

    static let urls: [(String, isEncrypted: Bool, isLoopback: Bool, host: String)?] = [
        ("https://auth.example.org", true, false, "auth.example.org"),
        ("HTTPS://Auth.Example.org:8443/a/b", true, false, "auth.example.org"),
        ("http://localhost:3000/env", false, true, "localhost"),
        ("http://app.localhost", false, true, "app.localhost"),
        ("http://127.0.0.1", false, true, "127.0.0.1"),
        ("http://127.9.9.9:1/", false, true, "127.9.9.9"),
        ("http://[::1]:80", false, true, "::1"),
        ("http://127.0.0.1.example.org", false, false, "127.0.0.1.example.org"),
        ("http://127.0.0.256", false, false, "127.0.0.256"),
        ("http://localhost.example.org", false, false, "localhost.example.org"),
        ("http://[fe80::1]", false, false, "fe80::1"),
    ]

    @Test("a URL's host decides whether it may be http", arguments: urls.compactMap(\.self))
    func url(text: String, isEncrypted: Bool, isLoopback: Bool, host: String) throws {
        let url = try #require(UpstreamURL(text))
        #expect(url.isEncrypted == isEncrypted && url.isLoopback == isLoopback && url.host == host)
        #expect(!url.text.hasSuffix("/"))
    }

    @Test(
        "what is more or less than a URL of a host, a port and a path is none",
        arguments: [
            "", "example.org", "https://", "https:///x", "https://a@b", "http://localhost@evil.example", "https://a?b",
            "https://a#b", "https://a b", "https://a:0", "https://a:65536", "https://a:x", "https://[::1", "https://[]",
            "https://[::1]x", "ftp://a", "https:/a", "https://ä", "https://a\\b", "https://a\nb",
        ])
    func noURL(text: String) {
        #expect(UpstreamURL(text) == nil)
    }
}
