import ArgumentParser
import SessionClient
import SessionProtocol

/// The command line tool.
package enum Sessionctl {
    /// Runs the arguments (without the program's name) and returns the exit status. Prints everything itself.
    package static func run(_ arguments: [String], in invocation: Invocation) async -> Int32 {
        if let verb = EverydayArguments.verb(arguments) { return await run(verb, in: invocation).rawValue }
        let command: any ParsableCommand
        do {
            command = try Root.parseAsRoot(arguments)
        } catch {
            return tell(error, arguments, invocation)
        }
        if let verb = command as? any Verb { return await run(verb, in: invocation).rawValue }
        do {
            if let local = command as? any LocalVerb {
                let setting = LocalSetting(console: invocation.console, programs: invocation.programs) {
                    forbidsColour in
                    style(
                        invocation, isTerminal: invocation.console.isOutputTerminal, forbidsColour: forbidsColour)
                }
                return try local.run(in: setting).rawValue
            } else {
                var command = command
                try command.run()
            }
            return ExitStatus.done.rawValue
        } catch {
            return tell(error, arguments, invocation)
        }
    }

    private static func run(_ verb: any Verb, in invocation: Invocation) async -> ExitStatus {
        do {
            return try await converse(verb, in: invocation)
        } catch {
            let options = verb.global
            report(error, asJSON: options.json, forbidsColour: options.noColor, invocation)
            return error.status
        }
    }

    private static func converse(_ verb: any Verb, in invocation: Invocation) async throws(CommandFailure) -> ExitStatus
    {
        let options = verb.global
        let daemon = try await connect(options.socket, invocation)
        defer { daemon.close() }
        let conversation = Conversation(
            daemon: daemon, console: invocation.console,
            style: style(invocation, isTerminal: invocation.console.isOutputTerminal, forbidsColour: options.noColor),
            profile: options.profile, printsJSON: options.json, timeoutMs: options.timeout?.milliseconds,
            now: invocation.now, interruptions: invocation.interruptions)
        return try await verb.run(in: conversation)
    }

    private static func connect(
        _ path: String?, _ invocation: Invocation
    ) async throws(CommandFailure) -> any DaemonCalling {
        do {
            return try await invocation.connect(path)
        } catch {
            throw CommandFailure(error, now: invocation.now())
        }
    }

    /// Help goes to the output; what the parser refuses is a usage error (64) with its usage text.
    private static func tell(_ error: any Error, _ arguments: [String], _ invocation: Invocation) -> Int32 {
        let asJSON = arguments.prefix { $0 != "--" }.contains("--json")
        if let failure = error as? CommandFailure {
            report(failure, asJSON: asJSON, forbidsColour: false, invocation)
            return failure.status.rawValue
        }
        let status = Root.exitCode(for: error)
        let text = Root.fullMessage(for: error, columns: invocation.console.columns) + "\n"
        guard status != .success else {
            do {
                try invocation.console.write(text)
                return ExitStatus.done.rawValue
            } catch {
                return error.status.rawValue
            }
        }
        if asJSON {
            report(.usage(Root.message(for: error)), asJSON: true, forbidsColour: true, invocation)
        } else {
            invocation.console.writeError(text)
        }
        return status == .validationFailure ? ExitStatus.usage.rawValue : status.rawValue
    }

    private static func report(
        _ failure: CommandFailure, asJSON: Bool, forbidsColour: Bool, _ invocation: Invocation
    ) {
        let style = style(invocation, isTerminal: invocation.console.isErrorTerminal, forbidsColour: forbidsColour)
        invocation.console.writeError(asJSON ? failure.json.line : failure.line(style: style))
    }

    private static func style(_ invocation: Invocation, isTerminal: Bool, forbidsColour: Bool) -> Style {
        Style(
            environment: invocation.environment, isTerminal: isTerminal, terminalColumns: invocation.console.columns,
            forbidsColour: forbidsColour, localTime: invocation.localTime)
    }
}

struct Root: ParsableCommand {
    // Every verb spells its name: ArgumentParser works a missing one out by reflection, for all verbs at every start, which
    // takes a third of a short run.
    static let configuration = CommandConfiguration(
        commandName: "sessionctl",
        abstract: "Signs in and out, and shows the sessions that sessiond holds for this machine's programs.",
        discussion: """
            Exit codes: 0 yes or done, 1 failed or no, 3 not signed in, 64 usage, 69 no daemon or auth service, \
            75 try again, 77 not allowed.
            """,
        version: "sessionctl \(ProductVersion.current)",
        groupedSubcommands: [
            CommandGroup(
                name: "Looking", subcommands: [Status.self, Watch.self, Profiles.self, List.self, Health.self]),
            CommandGroup(
                name: "Signing in and out",
                subcommands: [
                    Login.self, Signup.self, Logout.self, Authenticate.self, Update.self, Lock.self, Unlock.self,
                    SwitchAccount.self, SwitchOrganization.self,
                ]),
            CommandGroup(
                name: "Using the session", subcommands: [Token.self, Headers.self, Access.self, Alerts.self]),
            CommandGroup(
                name: "Administration", subcommands: [Authority.self, Key.self, Config.self, Completions.self]),
        ])

    @OptionGroup var global: GlobalOptions
}
