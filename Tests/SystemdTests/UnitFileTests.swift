import Foundation
import Testing

@testable import Systemd

/// The unit files that are shipped in `systemd/`.
@Suite("Unit files")
struct UnitFileTests {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("systemd")
    static let analyze = "/usr/bin/systemd-analyze"
    static let hasAnalyze = FileManager.default.isExecutableFile(atPath: analyze)

    /// The assignments of a unit, comments left out.
    static func assignments(_ name: String) throws -> [String] {
        try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
            .split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") && $0.contains("=") }
    }

    @Test("the service neither owns the socket's folder nor hides who its clients are")
    func service() throws {
        let lines = try Self.assignments("sessiond.service")
        for key in ["RuntimeDirectory=", "RuntimeDirectoryPreserve=", "PrivateUsers="] {
            #expect(!lines.contains { $0.hasPrefix(key) }, "\(key)")
        }
        for line in [
            "Type=notify", "NotifyAccess=main", "ExecReload=/bin/kill -HUP $MAINPID", "RestartPreventExitStatus=64 78",
            "DynamicUser=yes", "StateDirectory=sessiond", "StateDirectoryMode=0700", "ConfigurationDirectory=sessiond",
            "LoadCredentialEncrypted=sessiond.master-key", "Requires=sessiond.socket", "LimitCORE=0",
        ] {
            #expect(lines.contains(line), "\(line)")
        }
    }

    @Test("nothing is promised to the manager that the daemon does not do", arguments: ["", "user/"])
    func promises(prefix: String) throws {
        let lines = try Self.assignments(prefix + "sessiond.service")
        #expect(!lines.contains("Type=notify-reload"))
    }

    @Test("the manager keeps as much as the daemon gives it, and lets go of it at a stop", arguments: ["", "user/"])
    func store(prefix: String) throws {
        let lines = try Self.assignments(prefix + "sessiond.service")
        let maximum = try #require(
            lines.first { $0.hasPrefix("FileDescriptorStoreMax=") }.flatMap { Int($0.dropFirst(23)) })
        // All names at once, and one image more while it takes another's place.
        #expect(maximum > ImageShelf.names.count)
        #expect(!lines.contains { $0.hasPrefix("FileDescriptorStorePreserve=") })
    }

    @Test("the manager watches the service, and lets it have three rounds", arguments: ["", "user/"])
    func watchdog(prefix: String) throws {
        let lines = try Self.assignments(prefix + "sessiond.service")
        #expect(lines.contains("WatchdogSec=30s"))
        // A restart by the watchdog is one after a failure.
        #expect(lines.contains("Restart=on-failure"))
    }

    @Test("the daemon may connect to the system's socket")
    func ownGroup() throws {
        let group = try #require(
            try Self.assignments("sessiond.socket").first { $0.hasPrefix("SocketGroup=") }?.dropFirst(12))
        #expect(try Self.assignments("sessiond.service").contains("Group=\(group)"))
    }

    @Test("the socket is where clients look, for the group that may use it")
    func socket() throws {
        let lines = try Self.assignments("sessiond.socket")
        for line in [
            "ListenStream=/run/sessiond/sessiond.sock", "FileDescriptorName=sessiond", "SocketMode=0660",
            "SocketGroup=sessiond-clients", "Accept=no",
        ] {
            #expect(lines.contains(line), "\(line)")
        }
        let user = try Self.assignments("user/sessiond.socket")
        for line in ["ListenStream=%t/sessiond/sessiond.sock", "FileDescriptorName=sessiond", "SocketMode=0600"] {
            #expect(user.contains(line), "\(line)")
        }
    }

    @Test("systemd finds no fault with the units", .enabled(if: hasAnalyze), arguments: [false, true])
    func verify(isUser: Bool) throws {
        try Self.withRunnableCopies(of: isUser ? "user" : "") { folder in
            let units = ["sessiond.service", "sessiond.socket"].map { folder.appendingPathComponent($0).path }
            let options = ["verify", "--man=no", "--recursive-errors=no"]
            let (status, output) = try Self.run((isUser ? ["--user"] : []) + options + units, home: folder)
            #expect(status == 0, "\(output)")
            // An unknown key is a warning to systemd, and the status stays 0.
            #expect(!output.contains("sessiond.s"), "\(output)")
        }
    }

    @Test("the sandbox stays as tight as it is", .enabled(if: hasAnalyze))
    func exposure() throws {
        try Self.withRunnableCopies(of: "") { folder in
            let unit = folder.appendingPathComponent("sessiond.service").path
            let (status, output) = try Self.run(
                ["security", "--offline=true", "--no-pager", "--threshold=12", unit], home: folder)
            #expect(status == 0, "\(output)")
        }
    }

    /// Copies whose program exists everywhere, as systemd-analyze looks for it.
    private static func withRunnableCopies(of subfolder: String, _ body: (URL) throws -> Void) throws {
        let copies = FileManager.default.temporaryDirectory.appendingPathComponent(
            "sessiond-units-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: copies, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: copies) }
        let source = subfolder.isEmpty ? folder : folder.appendingPathComponent(subfolder)
        for name in ["sessiond.service", "sessiond.socket"] {
            let text = try String(contentsOf: source.appendingPathComponent(name), encoding: .utf8)
                .replacingOccurrences(of: "ExecStart=/usr/bin/sessiond", with: "ExecStart=/bin/true")
            try text.write(to: copies.appendingPathComponent(name), atomically: true, encoding: .utf8)
        }
        try body(copies)
    }

    private static func run(_ arguments: [String], home: URL) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: analyze)
        process.arguments = arguments
        // A user's manager wants a runtime folder to resolve %t.
        process.environment = ["PATH": "/usr/bin:/bin", "HOME": home.path, "XDG_RUNTIME_DIR": home.path]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: bytes, as: UTF8.self))
    }
}
