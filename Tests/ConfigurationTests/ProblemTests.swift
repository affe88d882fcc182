import SessionCore
import Testing

@testable import DaemonConfiguration

@Suite("What is wrong, and where")
struct ProblemTests {
    @Test(
        "each problem is told with its line, column, key and remedy",
        arguments: ProblemTables.daemonCases + ProblemTables.accessCases)
    func daemon(text: String, problem: String) {
        #expect(Decoding.problems(text) == [problem])
        #expect(Decoding.decode(text).exitStatus == 78)
    }

    @Test(
        "each problem of a profile is told with its place",
        arguments: ProblemTables.profileCases + StytchTables.problems)
    func profile(text: String, problem: String) {
        #expect(Decoding.problems("profiles:\n  default: \(text)\n") == [problem])
    }

    @Test("all problems are told, in the order of their lines, in every file")
    func all() {
        let loaded = Decoding.decode(
            "log: {level: loud}\nprofiles:\n  .hidden: {provider: embedded}\n  default: {provider: embedded, keepAlive: 1}\n",
            profiles: [("default", "provider: embedded"), ("shop", "provider: none"), ("void", "# nothing\n")])
        #expect(
            loaded.problems.map { "\($0.file):\($0.line ?? 0) \($0.key ?? "-")" } == [
                "main.yaml:1 log.level", "main.yaml:3 profiles..hidden", "main.yaml:4 profiles.default.keepAlive",
                "profiles.d/default.yaml:0 -", "profiles.d/shop.yaml:1 provider", "profiles.d/void.yaml:0 -",
            ])
        #expect(loaded.configuration == nil)
        #expect(loaded.report.hasSuffix("the configuration has 6 errors\n"))
    }

    @Test("a name that is defined twice is an error in the second place, which names the first")
    func twice() throws {
        let loaded = Decoding.decode(
            "profiles:\n  shop: {provider: embedded}\n", profiles: [("shop", "provider: embedded")])
        let problem = try #require(loaded.problems.first)
        #expect(
            problem.description
                == "profiles.d/shop.yaml: the profile \"shop\" is also defined at main.yaml:2 — delete one of the two")
    }

    @Test("a provider that this program does not have is an error of its own", arguments: ProviderName.allCases)
    func unavailable(provider: ProviderName) {
        let settings: [ProviderName: String] = [
            .stytch: "publicToken: public-token-test-a\nappIdentifier: b",
            .stytchB2B: "projectID: project-live-a\nsecret: b",
            .agnost: "apiKey: a\nbaseURL: https://h/e", .backstack: "appKey: a", .oidc: "issuer: https://example.org",
        ]
        let text = "provider: \(provider.rawValue)\n\(settings[provider] ?? "")\n"
        let loaded = Decoding.decode(nil, profiles: [("a", text)], available: [.embedded])
        let expected = "provider \(provider.rawValue) is not built into this version"
        #expect(loaded.problems.map(\.message) == (provider == .embedded ? [] : [expected]))
        #expect(loaded.problems.map(\.line) == (provider == .embedded ? [] : [1]))
    }

    @Test(
        "no problem shows a secret",
        arguments: [
            "provider: backstack\nappKey: \"hunter2\\n\"", "provider: backstack\nappKey: [hunter2]",
            "provider: backstack\nappKey: {credential: {x: hunter2}}", "provider: backstack\nappKey: hunter2: x",
            "provider: backstack\nappKey: \"hunter2", "provider: backstack\nappKey: hunter2\nkeepAlive: maybe",
        ])
    func secrecy(text: String) {
        let loaded = Decoding.decode(nil, profiles: [("a", text)])
        #expect(loaded.configuration == nil)
        #expect(!loaded.report.contains("hunter2"))
    }

    static let names: [(String, Bool)] = [
        ("a", true), ("A.b_c-9", true), (String(repeating: "x", count: 64), true),
        (String(repeating: "x", count: 65), false), ("", false), (".a", false), ("..", false), ("a/b", false),
        ("a b", false), ("ä", false), ("a\u{0}", false), ("-", true),
    ]

    @Test("a profile's name is safe as a file's name", arguments: names)
    func profileName(name: String, isValid: Bool) {
        #expect(isProfileName(name) == isValid)
    }

    @Test("a problem is one line whatever the file holds")
    func oneLine() {
        let report = Decoding.decode("\"a\\nb\\e[31m\": 1").report
        #expect(report.split(separator: "\n").count == 2)
        #expect(!report.contains("\u{1B}"))
    }
}
