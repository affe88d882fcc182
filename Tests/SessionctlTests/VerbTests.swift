import SessionProtocol
import SessionctlCommands
import Testing

@Suite("Verbs")
struct VerbTests {
    @Test("status shows every profile; with --json the snapshots as an array")
    func status() async {
        let answers: [String: [ScriptedDaemon.Answer]] = [
            "profile.list": [
                .result([
                    "profiles": [
                        ["profile": "default", "provider": "embedded", "phase": "active", "isDefault": true],
                        ["profile": "gone", "provider": "embedded", "phase": "active", "isDefault": false],
                        ["profile": "shop", "provider": "stytch", "phase": "signedOut", "isDefault": false],
                    ]
                ])
            ],
            "session.get": [
                .result(snapshot().json), error("profileNotFound"), .result(signedOut(profile: "shop").json),
            ],
        ]
        let text = await run("status", daemon: ScriptedDaemon(answers))
        #expect(text.status == 0)
        #expect(text.output.hasPrefix("● default  active  embedded\n"))
        #expect(text.output.contains("\n\n○ shop  signedOut  embedded\n"))
        let json = await run("status", "--json", daemon: ScriptedDaemon(answers))
        #expect(json.output == JSONValue.array([snapshot().json, signedOut(profile: "shop").json]).line)
    }

    @Test(
        "status --check answers with its exit code",
        arguments: [
            (Phase.active, 0), (.stale, 0), (.unverified, 0), (.locked, 0), (.signedOut, 3), (.challenged, 3),
            (.sealed, 3), (.loading, 3),
        ] as [(Phase, Int32)])
    func check(phase: Phase, expected: Int32) async {
        let daemon = ScriptedDaemon(["session.get": [.result(snapshot(phase).json)]])
        let result = await run("status", "--check", "--quiet", "-p", "shop", daemon: daemon)
        #expect(result.status == expected)
        #expect(result.output.isEmpty && result.errors.isEmpty)
        #expect(daemon.calls == [.init(method: "session.get", params: ["profile": "shop"])])
    }

    @Test(
        "a phase of the future counts as signed in where a session is served, and --json shows it as it came",
        arguments: [(ObjectInfo.available([:], lastValidatedAt: nil), 0), (.unavailable(.signedOut), 3)]
            as [(ObjectInfo, Int32)])
    func futurePhase(session: ObjectInfo, expected: Int32) async {
        var state = snapshot(objects: ["session": session]).json.objectValue ?? [:]
        state["phase"] = "dreaming"
        let daemon = ScriptedDaemon(["session.get": [.result(.object(state))]])
        let result = await run("status", "--check", "--json", daemon: daemon)
        #expect(result.status == expected)
        #expect(result.output == JSONValue.object(state).line)
    }

    @Test("an answer of another form is reported with what to do, and --json still shows it")
    func unreadable() async {
        let daemon = ScriptedDaemon(["session.get": [.result(["profile": 7])]])
        let text = await run("status", "-p", "default", daemon: daemon)
        #expect(text.status == 1)
        #expect(text.errors.contains("update sessionctl"))
        #expect(await run("status", "-p", "default", "--json", daemon: daemon).output == "{\"profile\":7}\n")
    }

    @Test("status --wait waits for the phases in which somebody is signed in, as long as --timeout says")
    func wait() async {
        let daemon = ScriptedDaemon(["session.wait": [.result(snapshot().json)]])
        let result = await run("status", "--wait", "--timeout", "30s", daemon: daemon)
        #expect(result.status == 0)
        #expect(
            daemon.calls == [
                .init(
                    method: "session.wait",
                    params: ["until": ["unverified", "active", "stale", "locked"], "timeoutMs": 30_000])
            ])
    }

    @Test("a daemon that hangs is left when --timeout has passed", .timeLimit(.minutes(1)))
    func hangingDaemon() async {
        let result = await run("profiles", "--timeout", "20ms", daemon: ScriptedDaemon(["profile.list": [.silence]]))
        #expect(result.status == 75)
        #expect(result.errors.hasPrefix("sessionctl: the daemon did not answer within 0 s"))
    }

    @Test("only methods that the daemon bounds itself are given the timeout")
    func timeoutParam() async {
        let daemon = ScriptedDaemon([
            "session.list": [.result(["sessions": []])], "profile.list": [.result(["profiles": []])],
        ])
        await run("list", "--timeout", "5s", daemon: daemon)
        await run("profiles", "--timeout", "5s", daemon: daemon)
        #expect(daemon.calls.map(\.params) == [["timeoutMs": 5000], [:]])
    }

    @Test(
        "logout names its target",
        arguments: [
            (["logout"], [:]), (["logout", "--force"], ["force": true]),
            (["logout", "--others"], ["target": "others"]),
            (["logout", "--all"], ["target": "all"]), (["logout", "--id", "s1"], ["target": ["id": "s1"]]),
        ] as [([String], [String: JSONValue])])
    func logout(arguments: [String], params: [String: JSONValue]) async {
        let answer: JSONValue = ["confirmed": true, "pending": false, "snapshot": signedOut().json]
        let daemon = ScriptedDaemon(["session.revoke": [.result(answer)]])
        let result = await run(arguments, daemon: daemon)
        #expect(result.status == 0)
        #expect(daemon.calls == [.init(method: "session.revoke", params: params)])
    }

    @Test("a revocation that waits is not called done")
    func pendingLogout() async {
        let answer: JSONValue = ["confirmed": false, "pending": true, "snapshot": signedOut().json]
        let result = await run("logout", "--force", daemon: ScriptedDaemon(["session.revoke": [.result(answer)]]))
        #expect(result.output == "Signed out here; the auth service will be told as soon as it can be reached.\n")
    }

    @Test(
        "token prints the token and nothing else",
        arguments: [
            (["token"], "opaque\n"), (["token", "--type", "session"], "opaque\n"),
            (["token", "--type", "jwt"], "a.b.c\n"),
        ])
    func token(arguments: [String], expected: String) async {
        let tokens: JSONValue = ["tokens": ["sessionToken": "opaque", "sessionJwt": "a.b.c"], "stale": true]
        let result = await run(arguments, daemon: ScriptedDaemon(["session.token": [.result(tokens)]]))
        #expect(result.output == expected)
        #expect(result.errors.isEmpty)
    }

    @Test("the access token stands in where there is no session token; a missing type is an error")
    func accessToken() async {
        let daemon = ScriptedDaemon(["session.token": [.result(["tokens": ["accessToken": "at", "idToken": "it"]])]])
        #expect(await run("token", "--min-valid", "60s", daemon: daemon).output == "at\n")
        #expect(daemon.calls.last?.params == ["minValidMs": 60_000])
        let missing = await run("token", "--type", "jwt", daemon: daemon)
        #expect(missing.status == 1)
        #expect(missing.output.isEmpty)
        #expect(missing.errors == "sessionctl: this session has no jwt token — choose with --type: access, id\n")
    }

    @Test("headers are lines, and a value that would be two headers is refused")
    func headers() async {
        let good = ScriptedDaemon([
            "session.headers": [.result(["headers": ["X-B": "2", "Authorization": "Bearer t"]])]
        ])
        #expect(await run("headers", daemon: good).output == "Authorization: Bearer t\nX-B: 2\n")
        let bad = ScriptedDaemon(["session.headers": [.result(["headers": ["X-B": "2\r\nX-C: 3"]])]])
        let refused = await run("headers", daemon: bad)
        #expect(refused.status == 1)
        #expect(refused.output.isEmpty)
    }

    @Test("authenticate extends by minutes and exits with 3 where the session has ended")
    func authenticate() async {
        let daemon = ScriptedDaemon([
            "session.authenticate": [.result(snapshot().json), .result(signedOut(cause: .endedElsewhere).json)]
        ])
        #expect(await run("authenticate", "--extend", "8h", daemon: daemon).status == 0)
        #expect(daemon.calls.last?.params == ["sessionDurationMinutes": 480])
        #expect(await run("authenticate", daemon: daemon).status == 3)
        #expect(daemon.calls.last?.params == [:])
    }

    @Test("list shows ids whole and marks this session")
    func list() async {
        let sessions: JSONValue = [
            "sessions": [
                [
                    "id": "s1", "current": true, "createdAt": .integer(noon - 60_000), "userAgent": "kiosk\u{1B}",
                    "value": [:],
                ],
                ["id": "s2", "current": false, "value": [:]],
            ]
        ]
        let result = await run("list", daemon: ScriptedDaemon(["session.list": [.result(sessions)]]))
        #expect(
            result.output == """
                ID  STARTED              USER AGENT
                s1  1 min ago  this one  kiosk\\u{1B}
                s2\n
                """)
    }

    @Test(
        "access check answers with its exit code",
        arguments: [
            (["access", "check", "docs:r"], true, 0, ["required": "docs:r"]),
            (
                ["access", "check", "--resource", "docs", "--action", "r"], false, 1,
                ["resource": "docs", "action": "r"]
            ),
        ] as [([String], Bool, Int32, [String: JSONValue])])
    func access(arguments: [String], isAllowed: Bool, status: Int32, params: [String: JSONValue]) async {
        let daemon = ScriptedDaemon(["access.check": [.result(["allowed": .bool(isAllowed)])]])
        let result = await run(arguments, daemon: daemon)
        #expect(result.status == status)
        #expect(result.output == (isAllowed ? "yes\n" : "no\n"))
        #expect(daemon.calls == [.init(method: "access.check", params: params)])
    }

    @Test("access alone shows what is granted; signed out it says so")
    func accessShow() async {
        let granted = snapshot(objects: ["access": .available(["docs": "crud", "bills": "r"], lastValidatedAt: nil)])
        let daemon = ScriptedDaemon([
            "session.get": [
                .result(granted.json), .result(snapshot(objects: ["access": .unavailable(.signedOut)]).json),
            ]
        ])
        #expect(await run("access", daemon: daemon).output == "FEATURE  GRANTED\nbills    r\ndocs     crud\n")
        #expect(await run("access", daemon: daemon).status == 3)
    }

    @Test("alerts show title, text and link")
    func alerts() async {
        let alert: JSONValue = ["id": "a", "title": "Card expired", "text": "Renew it", "href": "/pay", "priority": 1]
        let daemon = ScriptedDaemon(["alerts.list": [.result(["alerts": [alert]]), .result(["alerts": []])]])
        #expect(await run("alerts", daemon: daemon).output == "▲ Card expired\n  Renew it\n  /pay\n")
        #expect(await run("alerts", daemon: daemon).output == "No alerts.\n")
    }

    @Test(
        "health exits with 0 only where the daemon is well",
        arguments: [("ok", 0), ("degraded", 1), ("failing", 1)]
            as [(String, Int32)])
    func health(word: String, expected: Int32) async {
        let answer: JSONValue = [
            "live": true, "ready": true, "status": .string(word),
            "checks": [["name": "store", "ok": .bool(word == "ok"), "detail": "writable", "ageMs": 1200]],
        ]
        let result = await run("health", daemon: ScriptedDaemon(["server.health": [.result(answer)]]))
        #expect(result.status == expected)
        #expect(result.output.hasPrefix("\(word)\nCHECK  RESULT"))
    }

    @Test("config shows which daemon answers, and where")
    func config() async {
        let hello: JSONValue = [
            "protocol": 1, "server": ["name": "sessiond", "version": "1.0"], "instance": "i", "features": ["watch"],
            "limits": ["maxDepth": 32],
        ]
        let result = await run("config", daemon: ScriptedDaemon(["server.hello": [.result(hello)]]))
        #expect(
            result.output == """
                SETTING   VALUE
                server    sessiond 1.0
                socket    /run/here.sock
                protocol  1
                instance  i
                features  watch
                maxDepth  32\n
                """)
        let json = await run("config", "--json", daemon: ScriptedDaemon(["server.hello": [.result(hello)]]))
        #expect(json.output.contains(#""socket":"/run/here.sock""#))
    }

    @Test(
        "verbs of the authority carry exactly what was asked for",
        arguments: [
            (
                ["authority", "add", "ada", "--name", "Ada", "--access", "docs=cr", "--access", "bills="],
                "authority.user.add",
                ["username": "ada", "password": "hunter22", "name": "Ada", "access": ["docs": "cr", "bills": ""]]
            ),
            (
                ["authority", "update", "ada", "--disable"], "authority.user.update",
                ["username": "ada", "disabled": true]
            ),
            (
                ["authority", "update", "ada", "--enable", "--no-access"], "authority.user.update",
                ["username": "ada", "disabled": false, "access": [:]]
            ),
            (
                ["authority", "update", "ada", "--password-stdin"], "authority.user.update",
                ["username": "ada", "password": "hunter22"]
            ),
            (["authority", "remove", "ada"], "authority.user.remove", ["username": "ada"]),
            (["authority", "sessions", "--username", "ada"], "authority.sessions", ["username": "ada"]),
            (["authority", "revoke", "s1"], "authority.session.revoke", ["id": "s1"]),
            (
                ["authority", "grant", "ada", "--expires", "10m"], "authority.grant",
                ["username": "ada", "expiresInMinutes": 10]
            ),
            (["authority", "jwks"], "authority.jwks", [:]),
        ] as [([String], String, [String: JSONValue])])
    func authority(arguments: [String], method: String, params: [String: JSONValue]) async {
        let daemon = ScriptedDaemon([method: [.result(["accessToken": "g", "sessions": []])]])
        let result = await run(arguments, daemon: daemon, console: ScriptedConsole(input: ["hunter22"]))
        #expect(result.status == 0)
        #expect(daemon.calls == [.init(method: method, params: params)])
        #expect(!result.output.contains("hunter22"))
    }

    @Test("the table of users names rights and state")
    func users() async {
        let users: JSONValue = [
            "users": [
                [
                    "id": "1", "username": "ada", "name": "Ada", "disabled": false,
                    "createdAt": .integer(noon - 86_400_000),
                    "access": ["docs": "cr"],
                ],
                ["id": "2", "username": "eve", "disabled": true, "createdAt": .integer(noon), "access": [:]],
            ]
        ]
        let result = await run("authority", "users", daemon: ScriptedDaemon(["authority.users": [.result(users)]]))
        #expect(
            result.output == """
                USERNAME  NAME  STATE     MADE       ACCESS
                ada       Ada   enabled   1 day ago  docs=cr
                eve             disabled  just now\n
                """)
    }

    @Test("switch-account asks which where no id is given")
    func switchAccount() async {
        let daemon = ScriptedDaemon([
            "account.list": [.result(["accounts": [["id": "a", "title": "North"], ["id": "b", "title": "South"]]])],
            "account.switch": [.result(snapshot().json)],
        ])
        let console = ScriptedConsole(input: ["9", "2"], isTerminal: true)
        await run("switch-account", "--no-color", daemon: daemon, console: console)
        #expect(daemon.calls.last == .init(method: "account.switch", params: ["accountId": "b"]))
        #expect(console.errors.hasPrefix("  1  North  (a)\n  2  South  (b)\nAccount: Give a number from 1 to 2.\n"))
    }
}
