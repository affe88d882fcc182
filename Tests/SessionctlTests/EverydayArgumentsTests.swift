import ArgumentParser
import Testing

@testable import SessionctlCommands

@Suite("Commands that are recognised without ArgumentParser")
struct EverydayArgumentsTests {
    /// Words of these commands, of others, and of none.
    private static let words = [
        "--check", "--wait", "--quiet", "-q", "--json", "--no-color", "--profile", "-p", "--socket", "--type", "jwt",
        "work",
        "--min-valid", "60s", "--help", "--", "-qp", "--profile=work", "",
    ]

    /// All lists of up to three of the words around a verb, and some longer ones.
    private static var commandLines: [[String]] {
        var lines: [[String]] = [[], ["help", "status"], ["-q", "status"], ["statu"], ["profiles"]]
        for verb in ["status", "token"] {
            lines.append([verb])
            for first in words {
                lines.append([verb, first])
                lines.append([first, verb])
                for second in words {
                    lines.append([verb, first, second])
                    lines.append([first, verb, second])
                    lines.append([first, second, verb])
                    for third in words {
                        lines.append([verb, first, second, third])
                        lines.append([first, second, verb, third])
                    }
                }
            }
            lines.append([verb, "--json", "--profile", "work", "--socket", "/run/s", "--no-color"])
            lines.append([verb, "-p", "work", "--type", "access", "--json", "--no-color"])
        }
        return lines
    }

    private static func description(_ verb: any ParsableCommand) -> String {
        let global = (verb as? any Verb)?.global
        let options =
            "\(global?.socket ?? "-") \(global?.profile ?? "-") \(global?.json ?? false) \(global?.noColor ?? false)"
        switch verb {
        case let status as Status: return "status \(status.check) \(status.wait) \(status.quiet) \(options)"
        case let token as Token: return "token \(token.type?.rawValue ?? "-") \(token.minValid == nil) \(options)"
        default: return "\(type(of: verb))"
        }
    }

    @Test("they mean what ArgumentParser says, and what it refuses is not recognised")
    func equality() {
        var recognised = 0
        for line in Self.commandLines {
            guard let verb = EverydayArguments.verb(line) else { continue }
            recognised += 1
            let parsed = Result { try Root.parseAsRoot(line) }
            guard case .success(let expected) = parsed else {
                Issue.record("\(line) is refused by ArgumentParser")
                continue
            }
            #expect(Self.description(verb) == Self.description(expected), "\(line)")
        }
        #expect(recognised > 300)
    }

    @Test(
        "the plain forms are recognised",
        arguments: [
            ["status"], ["status", "--check", "--quiet"], ["status", "-q", "-p", "work"], ["status", "--json"],
            ["token"],
            ["token", "--type", "jwt", "--profile", "work"], ["token", "--socket", "/run/s", "--json"],
            ["--socket", "/run/s", "token"], ["--json", "-p", "work", "status", "--no-color"],
        ])
    func recognised(line: [String]) {
        #expect(EverydayArguments.verb(line) != nil)
    }

    @Test(
        "everything else is ArgumentParser's",
        arguments: [
            [], ["profiles"], ["status", "--help"], ["status", "--check", "--check"], ["status", "-p"],
            ["status", "-p", "--json"],
            ["token", "--type", "other"], ["token", "--min-valid", "60s"], ["token", "--check"],
            ["status", "--timeout", "1s"], ["--check", "status"], ["--type", "jwt", "token"], ["--socket"],
            ["--socket", "status"],
        ])
    func passedOn(line: [String]) {
        #expect(EverydayArguments.verb(line) == nil)
    }
}
