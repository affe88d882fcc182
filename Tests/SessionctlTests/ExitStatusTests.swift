import SessionProtocol
import SessionctlCommands
import Testing

@Suite("Exit codes")
struct ExitStatusTests {
    @Test(
        "every error kind of the protocol has its exit code",
        arguments: [
            ("parseError", 1), ("invalidRequest", 1), ("lineTooLong", 1), ("duplicateKey", 1), ("tooDeep", 1),
            ("tooManyValues", 1), ("duplicateId", 1), ("methodNotFound", 1), ("invalidParams", 64), ("internal", 1),
            ("cancelled", 75), ("permissionDenied", 77), ("notSignedIn", 3), ("conflict", 75),
            ("deadlineExceeded", 75), ("busy", 75), ("tooManySubscriptions", 75), ("upstreamUnavailable", 69),
            ("upstreamRejected", 1), ("storeFailed", 1), ("keyUnavailable", 1), ("shuttingDown", 75),
            ("protocolUnsupported", 1), ("profileNotFound", 1), ("notSupported", 1), ("misconfigured", 1),
            ("challengeNotFound", 1), ("unavailable", 69), ("untrustedServer", 69), ("malformedReply", 1),
            ("aKindOfTheFuture", 1),
        ] as [(String, Int32)])
    func code(kind: String, expected: Int32) async {
        let result = await run("list", daemon: ScriptedDaemon(["session.list": [error(kind)]]))
        #expect(result.status == expected)
        #expect(result.output.isEmpty)
        #expect(result.errors.hasPrefix("sessionctl: refused"))
    }

    @Test(
        "what an error means for the person is said with what to do next",
        arguments: [
            ("unavailable", [:], "start it with `systemctl start sessiond`, or name its socket with --socket"),
            ("notSignedIn", ["phase": "signedOut"], "sign in with `sessionctl login`"),
            ("notSignedIn", ["phase": "challenged"], "go on with `sessionctl login --continue`"),
            (
                "permissionDenied", ["needs": "admin"],
                "run it as root, or ask an administrator for the permission admin"
            ),
            (
                "upstreamUnavailable", ["nextAttemptAt": .integer(noon + 34_000)],
                "nothing is lost; the daemon asks again in 34 s"
            ),
            ("busy", ["retryAfterMs": 2500], "try again in 3 s"),
            ("upstreamRejected", ["reason": "invalid_credentials"], "check the user name and the password"),
            ("misconfigured", ["reason": "x"], "an administrator must mend it: `sessiond --check-config`"),
            (
                "misconfigured", ["reason": "authority_replaced"],
                "an administrator must mend authority.sqlite in the daemon's state directory; its log says more"
            ),
            ("profileNotFound", ["profile": "x"], "`sessionctl profiles` names them"),
            ("internal", ["incident": "42"], "the daemon's log says more: `journalctl -u sessiond`"),
        ] as [(String, [String: JSONValue], String)])
    func remedy(kind: String, data: [String: JSONValue], expected: String) async {
        let result = await run("list", daemon: ScriptedDaemon(["session.list": [error(kind, "refused", data)]]))
        #expect(result.errors == "sessionctl: refused — \(expected)\n")
    }

    @Test("an older daemon's complaint about a param is no usage error")
    func unknownParam() async {
        let answer = error("invalidParams", "unknown params", ["unknown": ["force"]])
        let result = await run("logout", "--force", daemon: ScriptedDaemon(["session.revoke": [answer]]))
        #expect(result.status == 1)
        #expect(result.errors.contains("update sessiond"))
    }

    @Test("with --json an error is one line of JSON on standard error")
    func json() async {
        let answer = error("notSignedIn", "not signed in", ["phase": "signedOut", "kind": "notSignedIn"])
        let result = await run("list", "--json", daemon: ScriptedDaemon(["session.list": [answer]]))
        #expect(result.status == 3)
        #expect(result.output.isEmpty)
        #expect(
            result.errors == """
                {"error":{"data":{"kind":"notSignedIn","phase":"signedOut"},"kind":"notSignedIn",\
                "message":"not signed in","remedy":"sign in with `sessionctl login`"}}\n
                """)
    }

    @Test("a message from the daemon cannot drive the terminal")
    func hostileMessage() async {
        let answer = error("internal", "\u{1B}]0;owned\u{07}\n\u{202E}")
        let result = await run("list", daemon: ScriptedDaemon(["session.list": [answer]]))
        #expect(result.errors.hasPrefix("sessionctl: \\u{1B}]0;owned\\u{7}\\u{A}\\u{202E} — "))
    }
}
