import SessionProtocol
import SessionctlCommands
import Testing

@Suite("The command line")
struct CommandLineTests {
    @Test(
        "a wrong command line exits with 64 and calls nothing",
        arguments: [
            ["nonsense"], ["status", "--nonsense"], ["status", "extra"], ["login", "--duration", "60"],
            ["login", "--duration", "90s"], ["login", "--continue", "--username", "ada"],
            ["login", "--field", "password=hunter2"], ["login", "--field", "code=1"], ["login", "--field", "novalue"],
            ["login", "--field", "method=otp"], ["login", "--password", "hunter2"],
            ["logout", "--others", "--all"], ["access", "check"], ["access", "check", "a:r", "--resource", "a"],
            ["access", "check", "--resource", "a"], ["watch", "--all", "-p", "x"], ["watch", "--topics", "a,,b"],
            ["token", "--type", "secret"], ["completions", "tcsh"], ["authority", "update", "ada"],
            ["authority", "update", "ada", "--enable", "--disable"], ["authority", "add", "ada", "--access", "docs=x"],
            ["authority", "add"], ["status", "--timeout", "0s"], ["key", "create", "--stdout", "--credential"],
            ["key", "create", "--with-key", "none"], ["key", "create", "--stdout", "--with-key", "host"],
        ])
    func usage(arguments: [String]) async {
        let daemon = ScriptedDaemon([:])
        let result = await run(arguments, daemon: daemon)
        #expect(result.status == 64)
        #expect(result.output.isEmpty)
        #expect(!result.errors.isEmpty)
        #expect(daemon.calls.isEmpty)
        #expect(!result.errors.contains("hunter2") || arguments.contains("--password"))
    }

    @Test("--version names the program and its version")
    func version() async {
        let result = await run("--version", daemon: ScriptedDaemon([:]))
        #expect(result.status == 0)
        #expect(result.output == "sessionctl \(ProductVersion.current)\n")
    }

    @Test("with --json a wrong command line is reported as JSON")
    func usageAsJSON() async {
        let result = await run("--json", "nonsense")
        #expect(result.status == 64)
        #expect(result.errors.hasPrefix(#"{"error":{"data":{},"kind":"usage","message":"#))
    }

    @Test(
        "help and version of the command line go to the output and exit with 0",
        arguments: [
            ["--help"], ["help"], ["status", "--help"], ["help", "login"], ["authority"],
            ["authority", "add", "--help"], [],
        ])
    func help(arguments: [String]) async {
        let result = await run(arguments, daemon: ScriptedDaemon([:]))
        #expect(result.status == 0)
        #expect(result.output.contains("USAGE: sessionctl"))
        #expect(result.errors.isEmpty)
    }

    @Test(
        "global options stand before the verb or after it",
        arguments: [
            ["--json", "-p", "shop", "list"], ["list", "--json", "-p", "shop"], ["-p", "shop", "list", "--json"],
            ["--profile=shop", "list", "--json"],
        ])
    func globals(arguments: [String]) async {
        let daemon = ScriptedDaemon(["session.list": [.result(["sessions": []])]])
        let result = await run(arguments, daemon: daemon)
        #expect(result.output == "{\"sessions\":[]}\n")
        #expect(daemon.calls == [.init(method: "session.list", params: ["profile": "shop"])])
    }

    @Test(
        "global options stand anywhere around a verb of two words",
        arguments: [
            ["-p", "shop", "authority", "users", "--json"], ["authority", "-p", "shop", "users", "--json"],
            ["authority", "users", "--json", "-p", "shop"],
        ])
    func globalsOfNestedVerbs(arguments: [String]) async {
        let daemon = ScriptedDaemon(["authority.users": [.result(["users": []])]])
        let result = await run(arguments, daemon: daemon)
        #expect(result.output == "{\"users\":[]}\n")
        #expect(daemon.calls == [.init(method: "authority.users", params: ["profile": "shop"])])
    }

    @Test("the connection is closed when the verb is done")
    func closes() async {
        let daemon = ScriptedDaemon(["session.list": [.result(["sessions": []])]])
        await run("list", daemon: daemon)
        #expect(daemon.isClosed)
    }

    @Test("a completion script for each shell names the verbs", arguments: ["bash", "zsh", "fish"])
    func completions(shell: String) async {
        let result = await run("completions", shell)
        #expect(result.status == 0)
        #expect(["login", "authority", "switch-account"].allSatisfy { result.output.contains($0) })
    }
}
