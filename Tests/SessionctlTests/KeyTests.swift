import Glibc
import SessionClient
import SessionctlCommands
import Synchronization
import Testing

/// Programs that answer as a test says; what they were called with is kept.
private final class ScriptedPrograms: ProgramRunning {
    private let answer: @Sendable ([String], [UInt8]) -> ProgramOutcome?
    private let seen = Mutex<[[String]]>([])

    init(_ answer: @escaping @Sendable ([String], [UInt8]) -> ProgramOutcome?) { self.answer = answer }

    var calls: [[String]] { seen.withLock { $0 } }

    func run(_ words: [String], input: [UInt8]) throws(CommandFailure) -> ProgramOutcome? {
        seen.withLock { $0.append(words) }
        return answer(words, input)
    }
}

@Suite("sessionctl key")
struct KeyTests {
    private static func run(
        _ words: [String], programs: ScriptedPrograms, console: ScriptedConsole = ScriptedConsole()
    ) async -> (status: Int32, output: String, errors: String) {
        let invocation = Invocation(
            connect: { _ throws(SessionError) in ScriptedDaemon([:]) }, console: console, programs: programs,
            environment: { ["LANG": "C.UTF-8"][$0] }, now: { noon }, localTime: .utc,
            interruptions: { AsyncStream { _ in } })
        let status = await Sessionctl.run(["key"] + words, in: invocation)
        return (status, console.output, console.errors)
    }

    /// The daemon's program and systemd-creds, whose encryption turns each byte over.
    private static func machine(
        state: String, encrypt: Int32 = 0, decrypts: Bool = true
    ) -> ScriptedPrograms {
        ScriptedPrograms { words, input in
            guard words[0] == "systemd-creds" else {
                return ProgramOutcome(
                    status: 0, output: Array("{\"stateDirectory\":\"\(state)\"}\n".utf8), errors: "")
            }
            if words[1] == "encrypt", encrypt != 0 {
                return ProgramOutcome(status: encrypt, output: [], errors: "Failed to talk\n to the TPM.\n")
            }
            if words[1] == "decrypt", !decrypts { return ProgramOutcome(status: 0, output: [1], errors: "") }
            return ProgramOutcome(status: 0, output: input.map { ~$0 }, errors: "")
        }
    }

    private static func withFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
        var template = Array("/tmp/sessionctl-key-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        let path = template.withUnsafeBufferPointer {
            String(decoding: $0.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        defer {
            unlink(path + "/sessiond.master-key")
            rmdir(path)
        }
        return try await body(path)
    }

    @Test("a key is not shown on a terminal, and goes to a pipe whole")
    func standardOutput() async throws {
        let programs = ScriptedPrograms { _, _ in nil }
        let refused = await Self.run(
            ["create", "--stdout"], programs: programs, console: ScriptedConsole(isTerminal: true))
        #expect(refused.status == 64 && refused.output.isEmpty)
        let printed = await Self.run(["create", "--stdout"], programs: programs)
        #expect(printed.status == 0 && printed.output.hasPrefix("sessiond-key v1\n"))
        #expect(programs.calls.isEmpty)
    }

    @Test("a credential's key goes through pipes alone, and is opened once before anything is written")
    func credential() async throws {
        try await Self.withFolder { folder in
            let programs = Self.machine(state: folder + "/none")
            let made = await Self.run(
                ["create", "--credential", "--with-key=host+tpm2", "--credstore", folder], programs: programs)
            #expect(made.status == 0, "\(made.errors)")
            let name = "--name=sessiond.master-key"
            #expect(
                programs.calls.dropFirst() == [
                    ["systemd-creds", "encrypt", name, "--with-key=host+tpm2", "-", "-"],
                    ["systemd-creds", "decrypt", name, "-", "-"],
                ])
            #expect(access(folder + "/sessiond.master-key", F_OK) == 0)
            #expect(made.output.contains("restart sessiond"))
        }
    }

    @Test(
        "what systemd-creds complains of is passed on with a remedy, and nothing is written", arguments: [true, false])
    func failing(isEncrypting: Bool) async throws {
        try await Self.withFolder { folder in
            let programs = Self.machine(
                state: folder + "/none", encrypt: isEncrypting ? 1 : 0, decrypts: isEncrypting)
            let failed = await Self.run(
                ["create", "--credential", "--with-key=tpm2", "--credstore", folder], programs: programs)
            #expect(failed.status == 1)
            #expect(failed.errors.contains("--with-key=host"))
            #expect(failed.errors.contains(isEncrypting ? "Failed to talk; to the TPM." : "nothing was changed"))
            #expect(access(folder + "/sessiond.master-key", F_OK) != 0)
        }
    }

    @Test("without systemd-creds, or without the daemon's program, it says what is missing")
    func missingPrograms() async throws {
        let none = await Self.run(["list"], programs: ScriptedPrograms { _, _ in nil })
        #expect(none.status == 1 && none.errors.contains("install sessiond"))
        let bad = await Self.run(
            ["list"],
            programs: ScriptedPrograms { _, _ in ProgramOutcome(status: 78, output: [], errors: "line 3: no") })
        #expect(bad.status == 1 && bad.errors.contains("line 3: no") && bad.errors.contains("--check-config"))
        try await Self.withFolder { folder in
            let plain = Self.machine(state: folder + "/none")
            let programs = ScriptedPrograms { words, input in
                words[0] == "systemd-creds" ? nil : try? plain.run(words, input: input)
            }
            let failed = await Self.run(["create", "--credential", "--credstore", folder], programs: programs)
            #expect(failed.status == 1 && failed.errors.contains("install systemd 250"))
        }
    }

    @Test("programs get their input and no signal that this process ignores, and are heard to their end")
    func realPrograms() throws {
        let outcome = try #require(
            try SystemPrograms().run(["sh", "-c", "cat; echo no >&2; exit 3"], input: Array("a key".utf8)))
        #expect(outcome.status == 3 && outcome.output == Array("a key".utf8) && outcome.errors == "no\n")
        let none = try SystemPrograms().run(["/nonexistent/program"], input: [])
        #expect(none?.status == nil)
        #expect(try SystemPrograms().run(["sh", "-c", "kill -9 $$"], input: [])?.status == 128 + SIGKILL)
        let much = try SystemPrograms().run(["sh", "-c", "yes | head -c 300000; yes | head -c 300000 >&2"], input: [])
        #expect(much?.output.count == 300_000 && much?.errors.utf8.count == 300_000)
    }
}
