import SessionProtocol
import SessionctlCommands
import Testing

@Suite("Signing in")
struct SignInTests {
    private static func outcome(_ snapshot: Snapshot, _ outcome: String = "signedIn") -> ScriptedDaemon.Answer {
        .result(["outcome": .string(outcome), "snapshot": snapshot.json])
    }

    private static func challenge(_ kind: String, _ details: [String: JSONValue] = [:]) -> ScriptedDaemon.Answer {
        let challenge = Challenge(id: "c1", kind: kind, expiresAt: nil, details: details)
        return outcome(signedOut(provider: "stytch-b2b", cause: .challenged, challenge: challenge), "challenge")
    }

    private static func daemon(
        _ provider: String, signIn: [ScriptedDaemon.Answer] = [outcome(snapshot())],
        answer: [ScriptedDaemon.Answer] = []
    ) -> ScriptedDaemon {
        ScriptedDaemon([
            "session.get": [.result(signedOut(provider: provider).json)], "session.signIn": signIn,
            "session.signUp": signIn, "session.answer": answer, "session.exchange": signIn,
        ])
    }

    @Test("what is missing is asked for: names with echo, secrets without")
    func prompts() async {
        let console = ScriptedConsole(input: ["ada", "hunter22"], isTerminal: true)
        let daemon = Self.daemon("embedded")
        let result = await run("login", "--duration", "2h", "--no-color", daemon: daemon, console: console)
        #expect(result.status == 0)
        #expect(result.output == "Signed in as Ada Lovelace (ada) on profile default; ends in 57 min (14:57).\n")
        #expect(result.errors == "User name: Password: ")
        #expect(console.echoes == [true, false])
        #expect(
            daemon.calls.last
                == .init(
                    method: "session.signIn",
                    params: [
                        "method": "password", "username": "ada", "password": "hunter22", "sessionDurationMinutes": 120,
                    ]))
    }

    @Test("without a terminal the answers are lines of the input, and what follows is left unread")
    func lines() async {
        let console = ScriptedConsole(input: ["hunter22", "next command's input"])
        let daemon = Self.daemon("embedded")
        let result = await run("login", "--username", "ada", daemon: daemon, console: console)
        #expect(result.status == 0)
        #expect(result.errors.isEmpty)
        #expect(console.unread == ["next command's input"])
        #expect(daemon.calls.last?.params["password"] == "hunter22")
    }

    @Test("--password-stdin takes the first line, whatever else is asked for")
    func passwordFirst() async {
        let console = ScriptedConsole(input: ["hunter22", "ada"])
        let daemon = Self.daemon("embedded")
        await run("login", "--password-stdin", daemon: daemon, console: console)
        #expect(daemon.calls.last?.params["password"] == "hunter22")
        #expect(daemon.calls.last?.params["username"] == "ada")
    }

    @Test("an input that ends too early, or an empty line, signs nobody in", arguments: [[], ["ada"], ["ada", ""]])
    func inputEnds(input: [String]) async {
        let daemon = Self.daemon("embedded")
        let result = await run("login", daemon: daemon, console: ScriptedConsole(input: input))
        #expect(result.status == 64)
        #expect(!daemon.calls.contains { $0.method == "session.signIn" })
    }

    @Test(
        "--username fills the field that the provider's method wants",
        arguments: [
            ("embedded", "password", "ada", "username"), ("stytch", "otp", "ada@example.com", "email"),
            ("stytch", "otp", "+15550100", "phoneNumber"), ("stytch-b2b", "otp", "ada@example.com", "email"),
            ("agnost", "password", "+15550100", "phone"), ("agnost", "code", "+15550100", "phone"),
            ("unheardOf", "password", "ada", "username"),
        ])
    func username(provider: String, method: String, name: String, member: String) async {
        let console = ScriptedConsole(input: ["one", "two"])
        let daemon = Self.daemon(provider)
        await run("login", "--method", method, "--username", name, daemon: daemon, console: console)
        #expect(daemon.calls.last?.method == "session.signIn")
        #expect(daemon.calls.last?.params[member] == .string(name))
    }

    @Test("a field that only the daemon knows is asked for by the name in its complaint, secrets without echo")
    func unknownForm() async {
        let missing = ["badge", "secret"].map { error("invalidParams", "missing", ["path": .string($0)]) }
        let daemon = Self.daemon("unheardOf", signIn: missing + [Self.outcome(snapshot())])
        let console = ScriptedConsole(input: ["77", "s3cret"], isTerminal: true)
        let result = await run("login", "--method", "badge", daemon: daemon, console: console)
        #expect(result.status == 0)
        #expect(console.echoes == [true, false])
        #expect(daemon.calls.last?.params == ["method": "badge", "badge": "77", "secret": "s3cret"])
    }

    @Test("a field that was given and is refused is an error, not a question without end")
    func refusedField() async {
        let refused = error("invalidParams", "password: expected 8 to 1024 bytes", ["path": "password"])
        let daemon = Self.daemon("embedded", signIn: [refused])
        let result = await run("login", daemon: daemon, console: ScriptedConsole(input: ["ada", "short", "x", "y"]))
        #expect(result.status == 64)
        #expect(result.errors == "sessionctl: password: expected 8 to 1024 bytes — correct the value and try again\n")
    }

    @Test(
        "challenges are answered in the protocol's fields",
        arguments: [
            ("otp", [:], ["123456"], ["code": "123456"]),
            ("magicLink", [:], ["tok"], ["token": "tok"]),
            (
                "account", ["accounts": [["id": "a", "title": "North"], ["id": "b", "title": "South"]]], ["2"],
                ["accountId": "b"]
            ),
            (
                "organization", ["organizations": [["id": "o1", "name": "One"], ["id": "o2", "name": "Two"]]], ["o1"],
                ["organizationId": "o1"]
            ),
            ("organization", ["organizations": [["id": "o1", "name": "One"]]], [], ["organizationId": "o1"]),
            ("mfa", ["methods": ["totp", "recovery_code"]], ["1", "654321"], ["method": "totp", "code": "654321"]),
            ("primary", ["methods": ["password"]], ["hunter22"], ["method": "password", "password": "hunter22"]),
            ("primary", ["methods": ["magic_link"]], ["tok"], ["method": "magic_link", "token": "tok"]),
            (
                "mfa", ["methods": ["sms_otp"], "sentTo": "***06"], ["654321"],
                ["method": "sms_otp", "code": "654321"]
            ),
        ] as [(String, [String: JSONValue], [String], [String: JSONValue])])
    func challenges(
        kind: String, details: [String: JSONValue], input: [String], expected: [String: JSONValue]
    ) async {
        let daemon = Self.daemon(
            "stytch-b2b", signIn: [Self.challenge(kind, details)], answer: [Self.outcome(snapshot())])
        let console = ScriptedConsole(input: ["org", "ada@example.com", "hunter22"] + input)
        let result = await run("login", daemon: daemon, console: console)
        #expect(result.status == 0)
        var params = expected
        params["challenge"] = "c1"
        #expect(daemon.calls.last == .init(method: "session.answer", params: params))
    }

    @Test("a factor that is sent is asked for before its code is")
    func sentFactor() async {
        let mfa = Self.challenge("mfa", ["methods": ["sms_otp"]])
        let daemon = Self.daemon("stytch-b2b", signIn: [mfa], answer: [mfa, Self.outcome(snapshot())])
        let console = ScriptedConsole(input: ["org", "ada@example.com", "hunter22", "123456"])
        await run("login", daemon: daemon, console: console)
        #expect(
            daemon.calls.suffix(2) == [
                .init(method: "session.answer", params: ["challenge": "c1", "method": "sms_otp"]),
                .init(method: "session.answer", params: ["challenge": "c1", "method": "sms_otp", "code": "123456"]),
            ])
    }

    @Test("switch-organization exchanges the session, and answers what the other organization asks")
    func switchOrganization() async {
        let mfa = Self.challenge("mfa", ["methods": ["totp"]])
        let daemon = ScriptedDaemon(["session.exchange": [mfa], "session.answer": [Self.outcome(snapshot())]])
        let result = await run(
            "switch-organization", "org-2", "--duration", "90m", daemon: daemon,
            console: ScriptedConsole(input: ["654321"]))
        #expect(result.status == 0)
        #expect(
            daemon.calls == [
                .init(
                    method: "session.exchange", params: ["organizationId": "org-2", "sessionDurationMinutes": 90]),
                .init(
                    method: "session.answer",
                    params: [
                        "challenge": "c1", "method": "totp", "code": "654321", "sessionDurationMinutes": 90,
                    ]),
            ])
    }

    @Test("a person may answer a challenge three times, a script once", arguments: [(true, 3), (false, 1)])
    func wrongCode(isTerminal: Bool, tries: Int) async {
        let daemon = Self.daemon(
            "stytch", signIn: [Self.challenge("otp")], answer: [error("upstreamRejected", "wrong code")])
        let console = ScriptedConsole(input: ["ada@example.com", "1", "2", "3", "4"], isTerminal: isTerminal)
        let result = await run("login", "--method", "otp", daemon: daemon, console: console)
        #expect(result.status == 1)
        #expect(daemon.calls.count { $0.method == "session.answer" } == tries)
    }

    @Test("--continue answers the open challenge; without one it says so")
    func continues() async {
        let open = signedOut(
            provider: "stytch", challenge: Challenge(id: "c1", kind: "otp", expiresAt: nil, details: [:]))
        let daemon = ScriptedDaemon([
            "session.get": [.result(open.json), .result(signedOut().json)],
            "session.answer": [Self.outcome(snapshot())],
        ])
        let first = await run("login", "--continue", daemon: daemon, console: ScriptedConsole(input: ["123456"]))
        #expect(first.status == 0)
        let second = await run("login", "--continue", daemon: daemon)
        #expect(second.status == 1)
        #expect(second.errors == "sessionctl: no sign-in waits for an answer — start one with `sessionctl login`\n")
    }

    @Test("a device sign-in waits for the state in which its challenge is gone")
    func device() async {
        let challenge = Challenge(
            id: "c1", kind: "device", expiresAt: nil,
            details: ["userCode": "WXYZ", "verificationURI": "https://example.com/device"])
        let waiting = signedOut(provider: "oidc", challenge: challenge)
        let daemon = ScriptedDaemon(
            [
                "session.get": [.result(signedOut(provider: "oidc").json)],
                "session.signIn": [Self.outcome(waiting, "challenge")],
            ], states: ["": [waiting, waiting, snapshot(provider: "oidc")]])
        let result = await run("login", daemon: daemon)
        #expect(result.status == 0)
        #expect(result.errors == "Enter WXYZ at https://example.com/device\n")
        #expect(result.output.hasPrefix("Signed in as Ada Lovelace"))
    }

    @Test("an access token signs in through session.exchange and is never shown")
    func exchange() async {
        let daemon = Self.daemon("embedded")
        let console = ScriptedConsole(input: ["grant-1"], isTerminal: true)
        await run("login", "--access-token-stdin", daemon: daemon, console: console)
        #expect(console.echoes == [false])
        #expect(daemon.calls == [.init(method: "session.exchange", params: ["accessToken": "grant-1"])])
    }

    @Test("who may sign in but not look is asked for what the daemon misses")
    func noReadPermission() async {
        let missing = ["username", "password"].map { error("invalidParams", "missing", ["path": .string($0)]) }
        let daemon = ScriptedDaemon([
            "session.get": [error("permissionDenied")], "session.signIn": missing + [Self.outcome(snapshot())],
        ])
        let result = await run("login", daemon: daemon, console: ScriptedConsole(input: ["ada", "hunter22"]))
        #expect(result.status == 0)
    }

    @Test("a new password is typed twice by a person, given once by a script")
    func signUp() async {
        let daemon = Self.daemon("embedded")
        let person = ScriptedConsole(input: ["ada", "hunter22", "hunter23", "hunter22", "hunter22"], isTerminal: true)
        let result = await run("signup", "--name", "Ada", "--no-color", daemon: daemon, console: person)
        #expect(result.status == 0)
        #expect(person.echoes == [true, false, false, false, false])
        #expect(person.errors.contains("The two are not the same.\n"))
        #expect(
            daemon.calls.last?.params
                == ["method": "password", "username": "ada", "password": "hunter22", "name": "Ada"])
        let script = ScriptedConsole(input: ["ada", "hunter22"])
        #expect(await run("signup", daemon: daemon, console: script).status == 0)
        #expect(script.unread.isEmpty)
    }

    @Test("an account that must be confirmed elsewhere is not called signed in")
    func confirmationNeeded() async {
        let daemon = Self.daemon("agnost", signIn: [Self.outcome(signedOut(), "confirmationNeeded")])
        let result = await run(
            "signup", daemon: daemon, console: ScriptedConsole(input: ["ada@example.com", "hunter22"]))
        #expect(result.output.hasPrefix("The account was made. Confirm it"))
    }

    @Test("secrets that were typed appear nowhere in what is printed")
    func secretsStayInside() async {
        let daemon = Self.daemon("embedded", signIn: [error("upstreamRejected", "the auth service refused")])
        let console = ScriptedConsole(input: ["ada", "hunter22"], isTerminal: true)
        let result = await run("login", daemon: daemon, console: console)
        #expect(!(result.output + result.errors).contains("hunter22"))
    }
}
