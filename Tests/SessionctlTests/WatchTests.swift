import SessionProtocol
import SessionctlCommands
import Testing

@Suite("Watching")
struct WatchTests {
    private static let states = [
        signedOut(), snapshot(cause: Cause(.signedIn, at: noon)),
        snapshot(cause: Cause(.updated, at: noon), user: ["username": "eve"]),
    ]

    @Test("an interruption ends a watch cleanly, after the lines that came before it", .timeLimit(.minutes(1)))
    func interruption() async {
        let (interruptions, interrupt) = AsyncStream<Void>.makeStream()
        let console = ScriptedConsole { text in
            if text.contains("[user]") { interrupt.yield() }
        }
        let daemon = ScriptedDaemon([:], states: ["": Self.states], staysOpen: true)
        let result = await run("watch", daemon: daemon, console: console, interruptions: interruptions)
        #expect(result.status == 0)
        #expect(result.errors.isEmpty)
        #expect(
            result.output == """
                14:00:00  ○ default  signedOut  neverSignedIn
                14:00:00  ● default  active  signedIn  [expiresAt phase user]  Ada Lovelace (ada)  until 14:57
                14:00:00  ● default  active  updated  [user]  eve  until 14:57\n
                """)
    }

    @Test("with --json a line is the whole state")
    func json() async {
        let daemon = ScriptedDaemon([:], states: ["": Self.states])
        let result = await run("watch", "--json", daemon: daemon)
        #expect(result.output == Self.states.map { $0.json.line }.joined())
    }

    @Test("a watch that the daemon ends is a failure, not the end of the story")
    func ended() async {
        let result = await run("watch", daemon: ScriptedDaemon([:], states: ["": []]))
        #expect(result.status == 69)
        #expect(result.errors.hasPrefix("sessionctl: the daemon ended the watch"))
    }

    @Test("--topics leaves out changes of anything else, but not the present state")
    func topics() async {
        let daemon = ScriptedDaemon([:], states: ["": Self.states])
        let result = await run("watch", "--topics", "phase,session", daemon: daemon)
        #expect(result.output.split(separator: "\n").count == 2)
        #expect(!result.output.contains("[user]"))
    }

    @Test("--all watches every profile over one subscription, each against its own state before")
    func all() async {
        let states = [
            "a": [signedOut(profile: "a"), snapshot(profile: "a", cause: Cause(.signedIn, at: noon))],
            "b": [signedOut(profile: "b")],
        ]
        let daemon = ScriptedDaemon([:], states: states)
        let result = await run("watch", "--all", daemon: daemon)
        #expect(
            result.output == """
                14:00:00  ○ a  signedOut  neverSignedIn
                14:00:00  ● a  active  signedIn  [expiresAt phase user]  Ada Lovelace (ada)  until 14:57
                14:00:00  ○ b  signedOut  neverSignedIn\n
                """)
        #expect(daemon.calls.isEmpty)
    }
}
