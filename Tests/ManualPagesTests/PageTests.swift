import FoundationEssentials
import SessionProtocol
import SessionctlCommands
import Testing

@testable import DaemonConfiguration
@testable import ManualPages

@Suite("The manual pages")
struct PageTests {
    static let repository = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()

    static func page(_ name: String) throws -> String {
        try #require(try ManualPage.all().first { $0.fileName == name }).text
    }

    @Test("the pages in docs/man are those that the sources make; `make man` renews them")
    func current() throws {
        let pages = try ManualPage.all()
        for page in pages {
            let stored = try String(contentsOfFile: "\(Self.repository)/docs/man/\(page.fileName)", encoding: .utf8)
            // Not shown whole: the first line that differs says enough.
            let difference = zip(stored.split(separator: "\n"), page.text.split(separator: "\n")).first { $0 != $1 }
            #expect(stored == page.text, "docs/man/\(page.fileName) is out of date at \(difference.debugDescription)")
        }
        let stored = try FileManager.default.contentsOfDirectory(atPath: Self.repository + "/docs/man")
        #expect(stored.sorted() == pages.map(\.fileName).sorted())
    }

    @Test("a page is ASCII, and has the sections that people look for", arguments: try ManualPage.all().map(\.fileName))
    func form(name: String) throws {
        let text = try Self.page(name)
        #expect(text.utf8.allSatisfy { $0 == 0x0A || (0x20...0x7E).contains($0) })
        for section in ["NAME", "SYNOPSIS", "DESCRIPTION", "SEE ALSO"] {
            #expect(text.contains(".SH \"\(section)\"\n"))
        }
        #expect(text.contains(" \"sessiond \(ProductVersion.current)\" "))
    }

    @Test("sessionctl(1) has the help of every verb and every option that help shows")
    func verbs() throws {
        let text = try Self.page("sessionctl.1").replacing("\\fB", with: "").replacing("\\fR", with: "")
        let declared = try JSONValue.parseForeign(Array(Sessionctl.declarations.utf8))
        var waiting = [try #require(declared["command"])]
        var seen = 0
        while let command = waiting.popLast() {
            waiting += command["subcommands"]?.arrayValue ?? []
            let helps = [command] + (command["arguments"]?.arrayValue ?? [])
            for help in helps where help["shouldDisplay"]?.boolValue == true {
                guard let abstract = help["abstract"]?.stringValue else { continue }
                #expect(text.contains(Roff.escaped(abstract.replacing("`", with: ""))))
                seen += 1
            }
        }
        #expect(seen > 200)
    }

    @Test("every option of the daemon is taken as the page says", arguments: DaemonOption.all)
    func daemonOptions(option: DaemonOption) throws {
        let value = option.value.map { $0 == "LEVEL" ? "debug" : "/x" }
        let called = try DaemonArguments.parse([option.name] + [value].compactMap { $0 })
        #expect(called != DaemonArguments())
        #expect(try Self.page("sessiond.8").contains("\n\\fB\(Roff.escaped(option.name))\\fR"))
    }

    @Test("the example of sessiond.yaml(5) is a valid configuration")
    func example() throws {
        let accounts = AccountDirectory(user: { $0 == "root" ? 0 : nil }, group: { _ in nil })
        var decoder = ConfigurationDecoder(accounts: accounts, available: Set(ProviderName.allCases))
        let text = ConfigurationText(path: "example", bytes: Array(ManualPage.example.utf8))
        let loaded = decoder.decode(mainPath: "example", main: text, profileTexts: [])
        #expect(loaded.problems.map(\.description) == [])
        #expect(loaded.configuration?.profiles.map(\.name) == ["desk", "shop"])
    }
}
