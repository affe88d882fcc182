import DaemonProcess
import Logging
import SessionCore
import SessionProtocol
import Testing

@testable import DaemonConfiguration

@Suite("What a configuration says")
struct ValueTests {
    @Test(
        "no file at all is one profile on the embedded authority",
        arguments: [nil, "", "# nothing\n", "---\n", "~\n", "\u{FEFF}"])
    func nothing(text: String?) throws {
        let loaded = Decoding.decode(text)
        #expect(loaded.problems.isEmpty)
        let configuration = try #require(loaded.configuration)
        #expect(configuration == DaemonConfiguration())
        #expect(configuration.profiles.map(\.name) == ["default"])
        #expect(configuration.profiles.map(\.provider) == [.embedded(EmbeddedSettings())])
        #expect(loaded.exitStatus == 0)
    }

    @Test("every key of the daemon arrives")
    func daemonKeys() throws {
        let loaded = Decoding.decode(
            """
            defaultProfile: home
            socket: {path: /run/x/s.sock, group: sessiond-clients, mode: "0600"}
            key: {file: /etc/sessiond/key}
            access:
              - {user: kiosk, profiles: [shop], allow: [read, token]}
              - group: 4242
                allow: [admin, control]
            profiles:
              home: {provider: embedded, sessionDuration: 2h, allowSignUp: false, keepAlive: true}
              shop:
                provider: embedded
                heartbeat: {interval: 500s, timeout: 500ms, jitter: 0}
            limits: {maxSubscriptions: 9, maxConnectionsPerUser: 65, maxConnections: 513}
            log: {level: debug, format: json}
            """)
        #expect(loaded.problems.isEmpty)
        let configuration = try #require(loaded.configuration)
        #expect(configuration.defaultProfile == "home")
        #expect(configuration.socket.path == "/run/x/s.sock")
        #expect(configuration.socket.groupID == 990)
        #expect(configuration.socket.mode == 0o600)
        #expect(configuration.key == .file("/etc/sessiond/key"))
        #expect(
            configuration.access == [
                AccessRule(subject: .user(1001), profiles: ["shop"], allow: [.read, .token]),
                AccessRule(subject: .group(4242), profiles: nil, allow: [.admin, .control]),
            ])
        let home = try #require(configuration.profiles.first)
        var settings = EmbeddedSettings()
        settings.allowSignUp = false
        #expect(home.provider == .embedded(settings))
        #expect(home.sessionDurationMinutes == 120)
        #expect(home.keepAlive)
        #expect(home.heartbeat == HeartbeatConfiguration())
        let shop = try #require(configuration.profiles.last)
        #expect(shop.name == "shop" && shop.sessionDurationMinutes == nil && !shop.keepAlive)
        #expect(shop.heartbeat.intervalMs == 500_000)
        #expect(shop.heartbeat.timeoutMs == 500)
        #expect(shop.heartbeat.jitter == 0)
        var limits = Limits()
        limits.maxSubscriptions = 9
        limits.maxConnectionsPerUser = 65
        limits.maxConnections = 513
        #expect(configuration.limits == limits)
        #expect(configuration.log.level == .debug && configuration.log.format == .json)
    }

    @Test("every key of the other providers arrives, where this program has them")
    func providerKeys() throws {
        let loaded = Decoding.decode(
            """
            defaultProfile: shop
            profiles:
              shop:
                provider: stytch
                publicToken: public-token-test-0
                appIdentifier: dev.example.shop
              team:
                provider: stytch-b2b
                projectID: project-test-1
                secret: {credential: team-secret}
                baseURL: https://auth.example.org/
                caFile: /etc/ssl/own.pem
              agnost:
                provider: agnost
                baseURL: http://127.0.0.1:3000/env-1
                apiKey: {file: /etc/sessiond/agnost}
                pathPrefix: /auth
                signInURL: https://example.org/login
              stack: {provider: backstack, appKey: k3y, providerID: 12, baseURL: "http://10.0.0.1", allowInsecureHTTP: true}
            """)
        #expect(loaded.problems.isEmpty)
        let profiles = try #require(loaded.configuration).profiles
        #expect(profiles.map(\.name) == ["agnost", "shop", "stack", "team"])
        var agnost = AgnostSettings(apiKey: .file("/etc/sessiond/agnost"))
        agnost.pathPrefix = "/auth"
        agnost.signInURL = "https://example.org/login"
        let shop = StytchSettings.sdk(
            publicToken: "public-token-test-0", appIdentifier: "dev.example.shop", projectID: nil)
        let team = StytchSettings.server(projectID: "project-test-1", secret: .credential("team-secret"))
        let stack = BackstackSettings(appKey: .literal(try #require(Secret("k3y"))), providerID: "12")
        #expect(
            profiles.map(\.provider) == [.agnost(agnost), .stytch(shop), .backstack(stack), .stytchB2B(team)])
        #expect(profiles[0].upstream.baseURL == "http://127.0.0.1:3000/env-1")
        #expect(profiles[2].upstream.allowInsecureHTTP)
        #expect(profiles[3].upstream.baseURL == "https://auth.example.org")
        #expect(profiles[3].upstream.caFile == "/etc/ssl/own.pem")
        #expect(profiles.map(\.provider.name) == [.agnost, .stytch, .backstack, .stytchB2B])
    }

    @Test("an Agnost server without a prefix is told by an empty one")
    func noPathPrefix() throws {
        let loaded = Decoding.decode(
            nil, profiles: [("a", "provider: agnost\napiKey: k\nbaseURL: https://h/e\npathPrefix: \"\"\n")])
        #expect(loaded.problems.isEmpty)
        var settings = AgnostSettings(apiKey: .literal(try #require(Secret("k"))))
        settings.pathPrefix = ""
        #expect(try #require(loaded.configuration).profiles.last?.provider == .agnost(settings))
    }

    @Test(
        "how long a session without an end lasts is not for the configuration to say",
        arguments: [
            ("Agnost", "provider: agnost\napiKey: k\nbaseURL: https://h/e\n"),
            ("Backstack", "provider: backstack\nappKey: k\nbaseURL: https://h\n"),
        ])
    func noDuration(service: String, text: String) throws {
        let loaded = Decoding.decode(nil, profiles: [("a", text + "sessionDuration: 60m\nkeepAlive:   true\n")])
        #expect(loaded.configuration != nil)
        #expect(loaded.problems.map(\.severity) == [.warning, .warning])
        #expect(loaded.problems.map(\.key) == ["sessionDuration", "keepAlive"])
        #expect(loaded.problems.allSatisfy { $0.file == "profiles.d/a.yaml" })
        #expect(loaded.problems.map(\.line) == [4, 5])
        #expect(loaded.problems.map(\.column) == [18, 14])
        #expect(Set(loaded.problems.map(\.message)) == ["has no effect: \(service)'s sessions have no end"])
        #expect(Set(loaded.problems.map(\.remedy)) == ["delete the key"])
    }

    @Test("a profile file is one profile, and its name is the profile's")
    func profileFiles() throws {
        let loaded = Decoding.decode(
            "profiles: {home: {provider: embedded}}\ndefaultProfile: shop",
            profiles: [("shop", "provider: embedded\nsessionDuration: 7m\n")])
        #expect(loaded.problems.isEmpty)
        let configuration = try #require(loaded.configuration)
        #expect(configuration.profiles.map(\.name) == ["home", "shop"])
        #expect(configuration.profiles.last?.sessionDurationMinutes == 7)
        #expect(configuration.defaultProfile == "shop")
    }

    @Test("the only profile is the default one, whatever its name")
    func onlyProfile() {
        #expect(
            Decoding.decode(nil, profiles: [("shop", "provider: embedded")]).configuration?.defaultProfile == "shop")
        #expect(Decoding.decode("profiles: {a: {provider: embedded}}").configuration?.defaultProfile == "a")
    }

    @Test("sections whose lines are all comments are as good as absent")
    func emptySections() {
        let text = "socket:\naccess:\nprofiles:\nlimits:\nlog:\n"
        #expect(Decoding.decode(text).configuration == DaemonConfiguration())
    }

    @Test("users and groups may be numbers, which nobody needs to know")
    func numbers() {
        let text = "access: [{user: 65533, allow: [read]}]\nsocket: {group: \"123456\"}"
        let configuration = Decoding.decode(text).configuration
        #expect(configuration?.access == [AccessRule(subject: .user(65_533), profiles: nil, allow: [.read])])
        #expect(configuration?.socket.groupID == 123_456)
    }

    @Test("a secret in a file that others may read is used, with a warning")
    func exposedSecret() throws {
        let text = "profiles: {a: {provider: backstack, appKey: hunter2}}"
        #expect(Decoding.decode(text).problems.isEmpty)
        let exposed = Decoding.decode(text, isReadableByOthers: true)
        #expect(exposed.configuration != nil)
        let problem = try #require(exposed.problems.first)
        #expect(exposed.problems.count == 1)
        #expect(problem.severity == .warning && problem.line == 1 && problem.key == "profiles.a.appKey")
        #expect(!exposed.report.contains("hunter2"))
        #expect(exposed.report.contains("main.yaml:1:45: warning: profiles.a.appKey: "))
    }

    @Test("settings without effect are told, and harmless")
    func warnings() {
        let loaded = Decoding.decode("profiles: {a: {provider: embedded, baseURL: https://example.org}}")
        #expect(loaded.configuration != nil)
        #expect(loaded.problems.map(\.severity) == [.warning])
        #expect(loaded.problems.map(\.key) == ["profiles.a.baseURL"])
    }

    static let durations: [(String, ParsedDuration)] = [
        ("180s", .milliseconds(180_000)), ("60m", .milliseconds(3_600_000)), ("2h", .milliseconds(7_200_000)),
        ("1d", .milliseconds(86_400_000)), ("500ms", .milliseconds(500)), ("0s", .milliseconds(0)),
        ("007s", .milliseconds(7000)), ("180", .missingUnit), ("", .malformed), ("s", .malformed),
        ("-1s", .malformed), ("1.5h", .malformed), ("1 s", .malformed), ("1S", .malformed), ("1w", .malformed),
        ("1h30m", .malformed), ("١s", .malformed), ("9223372036854775807d", .milliseconds(.max)),
        ("99999999999999999999ms", .milliseconds(.max)),
    ]

    @Test("a duration is a whole number and a unit", arguments: durations)
    func duration(text: String, expected: ParsedDuration) {
        #expect(parsedDuration(text) == expected)
    }
}
