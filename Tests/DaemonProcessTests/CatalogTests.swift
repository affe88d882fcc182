import Foundation
import SessionCore
import Testing

@testable import DaemonProcess

/// systemd/sessiond.catalog: what `journalctl -x` says about an event.
@Suite("Journal catalog")
struct CatalogTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    private static let catalog = root.appendingPathComponent("systemd/sessiond.catalog")
    private static let program = "/usr/bin/journalctl"

    /// Each entry's lines, by its id.
    private static func entries() throws -> [(id: String, lines: [String])] {
        var entries: [(id: String, lines: [String])] = []
        for line in try String(contentsOf: catalog, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        where !line.hasPrefix("#") {
            if line.hasPrefix("-- ") {
                entries.append((String(line.dropFirst(3)), []))
            } else if !entries.isEmpty {
                entries[entries.count - 1].lines.append(String(line))
            }
        }
        return entries
    }

    @Test("the catalog explains every event of the code, each once, and no other")
    func ids() throws {
        let explained = try Self.entries().map(\.id)
        #expect(explained.sorted() == OperationalEvent.allCases.map(\.messageID).sorted())
    }

    @Test("every entry has a subject, who defines it, where help is, and a text")
    func form() throws {
        for (id, lines) in try Self.entries() {
            #expect(lines.first?.wholeMatch(of: /Subject: \S.{5,80}/) != nil, "\(id)")
            #expect(lines.dropFirst().first == "Defined-By: sessiond", "\(id)")
            #expect(lines.dropFirst(2).first?.hasPrefix("Support: ") == true, "\(id)")
            #expect(lines.dropFirst(3).first == "" && lines.dropFirst(4).contains { $0.count > 20 }, "\(id)")
            #expect(lines.allSatisfy { $0.count <= 100 && !$0.hasSuffix(" ") }, "\(id)")
        }
    }

    @Test("a field that an entry shows is one that the code gives to that event")
    func fields() throws {
        let code = try Self.sources()
        let named = Set(code.matches(of: /"([A-Za-z]+)": (?:"|\.)/).compactMap { JournalEntry.fieldName(String($0.1)) })
        let known = named.union(["MESSAGE", "SESSIOND_PROFILE"])
        for (id, lines) in try Self.entries() {
            for field in lines.joined(separator: "\n").matches(of: /@([^@\s]*)@/) {
                #expect(known.contains(String(field.1)), "\(id): \(field.1)")
            }
        }
    }

    @Test("every event is logged somewhere")
    func logged() throws {
        let code = try Self.sources()
        for event in OperationalEvent.allCases {
            let use = try Regex("(?:event\\(|event:|[:?])\\s*\\.\(Self.caseName(event))\\b")
            #expect(code.contains(use), "\(event)")
        }
    }

    @Test("docs/operations.md has every event with its priority, and no other")
    func documented() throws {
        let text = try String(contentsOf: Self.root.appendingPathComponent("docs/operations.md"), encoding: .utf8)
        let rows = text.matches(of: /\n\| `([a-z-]+)` \| (info|notice|warning|error|critical) \|/)
        let documented = rows.map { "\($0.1) \($0.2)" }.sorted()
        #expect(documented == OperationalEvent.allCases.map { "\($0.rawValue) \($0.level)" }.sorted())
    }

    @Test(
        "journalctl takes the catalog and lists every event",
        .enabled(if: FileManager.default.isExecutableFile(atPath: program), "needs journalctl"))
    func journalctl() throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent(
            "sessiond-catalog-\(UUID().uuidString)")
        let folder = root.appendingPathComponent("usr/lib/systemd/catalog")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: root) }
        try FileManager.default.copyItem(at: Self.catalog, to: folder.appendingPathComponent("sessiond.catalog"))
        let updated = try Self.run(["--update-catalog", "--root=\(root.path)"])
        #expect(updated.status == 0, "\(updated.output)")
        // What it cannot read it tells, and goes on.
        #expect(!updated.output.contains("sessiond.catalog"), "\(updated.output)")
        let listed = try Self.run(["--list-catalog", "--root=\(root.path)"])
        #expect(listed.status == 0)
        let lines = listed.output.split(separator: "\n")
        #expect(lines.count == OperationalEvent.allCases.count, "\(listed.output)")
        for event in OperationalEvent.allCases {
            #expect(lines.contains { $0.hasPrefix("\(event.messageID) sessiond: ") }, "\(event)")
        }
    }

    /// `signedIn` of `signed-in`.
    private static func caseName(_ event: OperationalEvent) -> String {
        let words = event.rawValue.split(separator: "-").map(String.init)
        return words[0] + words.dropFirst().map(\.capitalized).joined()
    }

    private static func sources() throws -> String {
        let folder = root.appendingPathComponent("Sources")
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        var text = ""
        while let file = files?.nextObject() as? URL {
            guard file.pathExtension == "swift", !file.path.contains("/Events/") else { continue }
            text += try String(contentsOf: file, encoding: .utf8)
        }
        return text
    }

    private static func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments + ["--no-pager"]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: bytes, as: UTF8.self))
    }
}
