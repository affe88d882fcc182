import SessionProtocol
import SessionctlCommands

extension ManualPage {
    static func toolPage() throws -> String {
        let declared = try JSONValue.parseForeign(Array(Sessionctl.declarations.utf8))
        guard declared["serializationVersion"]?.integerValue == 0, let root = declared["command"] else {
            throw UnknownDeclaration(member: "serializationVersion")
        }
        return toolPage(try CommandDeclaration(root))
    }

    static func toolPage(_ root: CommandDeclaration) -> String {
        var page = Roff(title: "SESSIONCTL", section: 1, heading: "User Commands", version: version)
        page.name(root.name, "signs in and out, and shows the sessions that sessiond holds")
        page.section("SYNOPSIS")
        page.call(root.name, "[OPTION]... VERB [ARGUMENT]...")
        page.section("DESCRIPTION")
        page.paragraph(root.abstract)
        if !root.discussion.isEmpty { page.paragraph(root.discussion) }
        page.paragraph(
            """
            No secret is an argument: every user of a machine can read command lines. Passwords, codes and tokens are \
            asked for; where the input is no terminal they are lines of the input, in the order in which they would be \
            asked for.
            """)
        page.section("OPTIONS")
        page.paragraph("They stand before the verb or after it. Durations are a number and a unit: `90s`, `60m`, `2h`.")
        for argument in root.arguments { page.item(argument) }
        page.section("VERBS")
        for command in root.subcommands { page.command(command, after: [], beyond: Set(root.arguments)) }
        page.section("EXIT STATUS")
        for status in ExitStatus.allCases { page.item("`\(status.rawValue)`", status.meaning) }
        page.environment(EnvironmentVariable.tool)
        page.section("SEE ALSO")
        page.paragraph("`sessiond`(8), `sessiond.yaml`(5)")
        return page.text
    }
}

extension Roff {
    /// - Parameter common: the options that every verb takes, explained elsewhere.
    fileprivate mutating func command(
        _ command: CommandDeclaration, after words: [String], beyond common: Set<CommandDeclaration.Argument>
    ) {
        let words = words + [command.name]
        let own = command.arguments.filter { !common.contains($0) }
        let call = (words + own.map(\.synopsis)).joined(separator: " ")
        subsection(command.subcommands.isEmpty ? call : call + " VERB")
        paragraph(command.abstract)
        if !command.discussion.isEmpty { paragraph(command.discussion) }
        for argument in own { item(argument) }
        for subcommand in command.subcommands { self.command(subcommand, after: words, beyond: common) }
    }

    fileprivate mutating func item(_ argument: CommandDeclaration.Argument) {
        let standard = argument.standard.map { " Default: `\($0)`." } ?? ""
        item(argument.term, argument.abstract + standard)
    }
}

extension CommandDeclaration.Argument {
    fileprivate var term: String {
        let names = names.map { "`\($0)`" }.joined(separator: ", ")
        return switch kind {
        case .flag: names
        case .option: "\(names) \(valueName)"
        case .positional: valueName
        }
    }

    fileprivate var synopsis: String {
        let name = names.first { $0.hasPrefix("--") } ?? names.first ?? ""
        let word =
            switch kind {
            case .flag: name
            case .option: "\(name) \(valueName)"
            case .positional: valueName
            }
        return (isOptional ? "[\(word)]" : word) + (isRepeating ? "..." : "")
    }
}

extension ExitStatus {
    fileprivate var meaning: String {
        switch self {
        case .done: "Done, or the answer is yes."
        case .failed: "Failed, or the answer is no."
        case .notSignedIn: "Not signed in."
        case .usage: "The command line, an input line or a value is wrong."
        case .unavailable: "No daemon, or no auth service behind it."
        case .tryAgain: "The same call may well succeed a little later."
        case .notAllowed: "The daemon does not let this user do that."
        }
    }
}
