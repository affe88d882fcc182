import FoundationEssentials
import Testing

@testable import ManualPages

/// The variables on the pages against those that the sources ask for.
@Suite("The environment on the manual pages")
struct EnvironmentTests {
    struct Program: Sendable, CustomTestStringConvertible {
        let name: String
        let targets: [String]
        let variables: [EnvironmentVariable]
        var testDescription: String { name }
    }

    static let programs = [
        Program(
            name: "sessiond",
            targets: ["sessiond", "DaemonConfiguration", "DaemonProcess", "SessionProviders", "Systemd"],
            variables: EnvironmentVariable.daemon),
        Program(
            name: "sessionctl", targets: ["sessionctl", "SessionctlCommands", "SessionClient"],
            variables: EnvironmentVariable.tool),
    ]

    /// Lines of a target's sources.
    static func lines(_ target: String) throws -> [String] {
        let folder = "\(PageTests.repository)/Sources/\(target)"
        let files = try FileManager.default.subpathsOfDirectory(atPath: folder).filter { $0.hasSuffix(".swift") }
        return try files.flatMap { file in
            try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8).split(separator: "\n").map(String.init)
        }
    }

    /// Names of variables, in lines that ask for one.
    static func asked(_ lines: [String]) -> Set<String> {
        let asking = ["environment", "getenv(", "processVariable(", "folder(\"", "first(\"", "choice([", "variables ="]
        var names: Set<String> = []
        for line in lines where asking.contains(where: { line.contains($0) }) {
            for match in line.matches(of: /"([A-Z][A-Z_]{2,}|[a-z]+_proxy)"/) { names.insert(String(match.1)) }
        }
        return names
    }

    @Test("every variable that a program asks for is on its page, and no other", arguments: programs)
    func variables(program: Program) throws {
        let asked = try Set(program.targets.flatMap { Self.asked(try Self.lines($0)) })
        #expect(asked == Set(program.variables.flatMap(\.names)))
    }
}
