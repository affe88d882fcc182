import Testing

@testable import DaemonConfiguration

@Suite("A Stytch profile")
struct StytchTests {
    @Test("the keys that are there say how the project is spoken to", arguments: StytchTables.modes)
    func modes(keys: String, expected: StytchSettings) throws {
        for (word, provider) in [
            ("stytch", ProviderSettings.stytch(expected)), ("stytch-b2b", .stytchB2B(expected)),
        ] {
            let loaded = Decoding.decode(nil, profiles: [("a", "provider: \(word)\n\(keys)")])
            #expect(loaded.problems.isEmpty)
            #expect(loaded.configuration?.profiles.map(\.provider) == [provider])
        }
    }

    @Test("a public token and a project id begin as Stytch's do; the rest is Stytch's", arguments: StytchTables.names)
    func names(token: String, isValid: Bool) {
        let kind = token.contains("-live") ? "live" : "test"
        let withToken =
            "provider: stytch\npublicToken: \"\(token)\"\nappIdentifier: a\nprojectID: project-\(kind)-1\n"
        let project = token.replacing("public-token", with: "project")
        let withProject =
            "provider: stytch\npublicToken: public-token-\(kind)-1\nappIdentifier: a\nprojectID: \"\(project)\"\n"
        for (text, key) in [(withToken, "publicToken"), (withProject, "projectID")] {
            let loaded = Decoding.decode(nil, profiles: [("a", text)])
            #expect(loaded.problems.map(\.key) == (isValid ? [] : [key]), "\(text)")
            #expect((loaded.configuration != nil) == isValid)
        }
    }

    @Test("a secret that got into the wrong key is not shown", arguments: ["publicToken", "projectID"])
    func secrecy(key: String) {
        let loaded = Decoding.decode(nil, profiles: [("a", "provider: stytch\n\(key): secret-test-hunter2\n")])
        #expect(loaded.configuration == nil)
        #expect(!loaded.report.contains("hunter2"))
    }

    @Test("beside a secret the app's keys have no effect, which is told, and are checked nevertheless")
    func serverWithAppKeys() {
        let text =
            "provider: stytch\nprojectID: project-test-1\nsecret: {credential: s}\nappIdentifier: a\npublicToken: "
        let loaded = Decoding.decode(nil, profiles: [("a", text + "public-token-test-1\n")])
        #expect(loaded.problems.map(\.severity) == [.warning, .warning])
        #expect(Set(loaded.problems.compactMap(\.key)) == ["publicToken", "appIdentifier"])
        #expect(
            loaded.configuration?.profiles.map(\.provider)
                == [.stytch(.server(projectID: "project-test-1", secret: .credential("s")))])
        let mixed = Decoding.decode(nil, profiles: [("a", text + "public-token-live-1\n")])
        #expect(mixed.configuration == nil)
    }
}
