import Testing

@testable import DaemonConfiguration

/// What is declared of the keys, and shown in sessiond.yaml(5), against what the decoder does with them.
@Suite("The declared keys")
struct KeyTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let section: ConfigurationSection
        let key: ConfigurationKey
        /// A profile's; nil where the section is none of a profile.
        let provider: ProviderName?

        var testDescription: String { "\(section.title): \(key.name)" }

        /// Minimal settings that a profile of that provider needs beside the key.
        var settings: [String: String] {
            let needed: [String: String] =
                switch provider {
                case .stytch where key.name == "secret": ["projectID": "project-test-1"]
                case .stytch: ["publicToken": "public-token-test-1", "appIdentifier": "a"]
                case .agnost: ["apiKey": "k", "baseURL": "https://h/e"]
                case .backstack: ["appKey": "k"]
                default: [:]
                }
            return needed.merging(provider.map { ["provider": $0.rawValue] } ?? [:]) { $1 }
        }

        /// A file with the key at that value.
        func file(_ value: String) -> String {
            let members = settings.merging([key.name: value]) { $1 }.map { "\($0): \($1)" }.joined(separator: ", ")
            return switch section.path {
            case "": "\(key.name): \(value)\n"
            case "access[]": "access: [{\(key.name): \(value)}]\n"
            case "profiles.NAME": "profiles: {default: {\(members)}}\n"
            case "profiles.NAME.heartbeat":
                "profiles: {default: {provider: embedded, heartbeat: {\(key.name): \(value)}}}\n"
            default: "\(section.path): {\(key.name): \(value)}\n"
            }
        }

        /// Where the decoder finds it.
        var path: String {
            let parent = section.path.replacing("NAME", with: "default").replacing("[]", with: "[0]")
            return parent.isEmpty ? key.name : "\(parent).\(key.name)"
        }

        func problems(_ value: String) -> [ConfigurationProblem] { Decoding.decode(file(value)).problems }

        func isRefused(_ value: String) -> Bool {
            problems(value).contains { $0.severity == .error && $0.key?.hasPrefix(path) == true }
        }
    }

    static let cases = ConfigurationSection.all.flatMap { section in
        let own = ConfigurationSection.providers.first { $0.section == section }?.names.first
        let provider = own ?? (section.path == "profiles.NAME" ? .embedded : nil)
        return section.keys.map { Case(section: section, key: $0, provider: provider) }
    }

    @Test("every key is known to the decoder, which looks at its value", arguments: cases)
    func read(one: Case) {
        // No key takes both of these.
        #expect(one.isRefused("[[]]") || one.isRefused("{a b: c}"))
        #expect(!one.problems("[[]]").contains { $0.message == "unknown key" })
    }

    @Test("a default is what a file without the key means", arguments: cases)
    func defaults(one: Case) throws {
        guard case .value(let text) = one.key.standard else { return }
        let written = Decoding.decode(one.file(text))
        #expect(written.problems.filter { $0.severity == .error } == [])
        var without = DaemonConfiguration()
        if one.provider != nil {
            let members = one.settings.map { "\($0): \($1)" }.joined(separator: ", ")
            without = try #require(Decoding.decode("profiles: {default: {\(members)}}").configuration)
        }
        #expect(written.configuration == without)
    }

    @Test("a required key is missed", arguments: cases)
    func required(one: Case) {
        guard case .required = one.key.standard else { return }
        var settings = one.settings
        settings[one.key.name] = nil
        let members = settings.map { "\($0): \($1)" }.joined(separator: ", ")
        let text = one.section.path == "access[]" ? "access: [{user: root}]" : "profiles: {default: {\(members)}}"
        #expect(Decoding.decode(text).problems.contains { $0.key == one.path && $0.message == "is missing" })
    }

    /// Values that the decoder takes, and values just beyond them.
    static func bounds(_ value: ConfigurationKey.Value) -> (taken: [String], refused: [String]) {
        switch value {
        case .boolean: (["true", "false"], ["yes", "1"])
        case .integer(let range):
            (["\(range.lowerBound)", "\(range.upperBound)"], ["\(range.lowerBound - 1)", "\(range.upperBound + 1)"])
        case .duration(let shortest, let longest):
            ([shortest, longest], ["\(milliseconds(shortest) - 1)ms", "\(milliseconds(longest) + 1)ms"])
        case .share: (["0", "1"], ["1.01"])
        case .words(let words): (words, ["nonsense"])
        case .secret: (["{file: /x}", "{credential: x}", "text"], ["{file: x}", "[]"])
        case .other: ([], [])
        }
    }

    private static func milliseconds(_ text: String) -> Int64 {
        guard case .milliseconds(let value) = parsedDuration(text) else { return 0 }
        return value
    }

    @Test("what is declared to be allowed is taken, and what is beyond is refused", arguments: cases)
    func values(one: Case) {
        // A profile's provider decides what else it needs, and has its own tests.
        guard one.key.name != "provider" else { return }
        let (taken, refused) = Self.bounds(one.key.value)
        for value in taken { #expect(!one.isRefused(value), "\(value)") }
        for value in refused { #expect(one.isRefused(value), "\(value)") }
    }
}
