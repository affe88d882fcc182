import Glibc
import Logging
import Testing

@testable import DaemonConfiguration

/// A folder of its own for one test, removed at its end.
final class TemporaryFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/sessiond-configuration-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        try #require(mkdir("\(path)/profiles.d", 0o755) == 0)
    }

    deinit {
        for folder in ["\(path)/profiles.d", path] {
            if let stream = opendir(folder) {
                while let entry = readdir(stream) {
                    let name = withUnsafeBytes(of: entry.pointee.d_name) {
                        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                    }
                    if name != "." && name != ".." { unlink("\(folder)/\(name)") }
                }
                closedir(stream)
            }
            rmdir(folder)
        }
    }

    func write(_ name: String, _ text: String, mode: mode_t = 0o640) throws {
        try write(name, bytes: Array(text.utf8), mode: mode)
    }

    func write(_ name: String, bytes: [UInt8], mode: mode_t = 0o640) throws {
        let descriptor = open("\(path)/\(name)", O_WRONLY | O_CREAT | O_CLOEXEC, mode)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        try #require(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
        try #require(fchmod(descriptor, mode) == 0)
    }

    func load(_ words: [String]? = nil) throws -> LoadedConfiguration {
        let arguments = try DaemonArguments.parse(words ?? ["--config", "\(path)/sessiond.yaml"])
        let paths = DaemonPaths.resolve(arguments: arguments, environment: ["CONFIGURATION_DIRECTORY": path], uid: 1)
        return ConfigurationLoader(
            paths: paths, available: Set(ProviderName.allCases), accounts: Decoding.accounts
        ).load()
    }
}

@Suite("Configuration files")
struct LoaderTests {
    @Test("the main file and the profiles beside it make one configuration")
    func together() throws {
        let folder = try TemporaryFolder()
        try folder.write("sessiond.yaml", "defaultProfile: shop\nlog: {level: debug}\n")
        try folder.write("profiles.d/shop.yaml", "provider: embedded\n")
        try folder.write("profiles.d/home.yaml", "provider: embedded\n")
        try folder.write("profiles.d/.shop.yaml.swp", "\u{0}")
        try folder.write("profiles.d/shop.yaml~", "provider: none")
        let loaded = try folder.load()
        #expect(loaded.problems.isEmpty)
        #expect(loaded.configuration?.profiles.map(\.name) == ["home", "shop"])
        #expect(loaded.configuration?.defaultProfile == "shop")
        #expect(loaded.report == "the configuration is valid; profiles: home, shop\n")
    }

    @Test("a folder without files gives the defaults; a file that was named must exist")
    func absent() throws {
        let folder = try TemporaryFolder()
        try #expect(folder.load([]).configuration == DaemonConfiguration())
        let named = try folder.load()
        #expect(named.configuration == nil)
        #expect(
            named.problems.map(\.description)
                == ["\(folder.path)/sessiond.yaml: there is no such file — correct --config, or leave it out"])
    }

    @Test("profiles alone are enough")
    func profilesOnly() throws {
        let folder = try TemporaryFolder()
        try folder.write("profiles.d/shop.yaml", "provider: embedded\n")
        try #expect(folder.load([]).configuration?.profiles.map(\.name) == ["shop"])
    }

    @Test("what is no readable file is told, and holds nobody up")
    func unreadable() throws {
        let folder = try TemporaryFolder()
        try #require(mkfifo("\(folder.path)/sessiond.yaml", 0o600) == 0)
        try #require(mkfifo("\(folder.path)/profiles.d/pipe.yaml", 0o600) == 0)
        let loaded = try folder.load()
        #expect(loaded.problems.map(\.message) == ["this is no regular file", "this is no regular file"])
    }

    @Test("a file that may not be read is an error, not an empty configuration")
    func forbidden() async throws {
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            try folder.write("sessiond.yaml", "log: {level: debug}\n", mode: 0)
            // Root reads everything: become somebody else, who owns nothing here.
            try #require(chmod(folder.path, 0o755) == 0)
            let isRoot = getuid() == 0
            if isRoot { try #require(seteuid(65_534) == 0) }
            let loaded = try folder.load()
            if isRoot { try #require(seteuid(0) == 0) }
            #expect(loaded.configuration == nil)
            #expect(loaded.problems.map(\.message) == ["cannot be read: Permission denied"])
        }
    }

    @Test("names that are no profile's are told")
    func names() throws {
        let folder = try TemporaryFolder()
        try folder.write("profiles.d/two words.yaml", "provider: embedded\n")
        try folder.write("profiles.d/shop.yml", "provider: embedded\n")
        let problems = try folder.load([]).problems
        #expect(problems.map(\.message) == ["is not read", "the file's name is not a profile's name"])
        #expect(problems.map(\.severity) == [.warning, .error])
    }

    @Test("permissions that let others in are told: of secrets, and of files that others may write")
    func permissions() throws {
        let folder = try TemporaryFolder()
        try folder.write("sessiond.yaml", "defaultProfile: stack\n", mode: 0o666)
        try folder.write("profiles.d/stack.yaml", "provider: backstack\nappKey: hunter2\n", mode: 0o644)
        let loaded = try folder.load()
        #expect(loaded.configuration != nil)
        #expect(
            loaded.problems.map(\.message)
                == ["other users may write this file", "a secret in a file that other users may read"])
        #expect(loaded.problems.allSatisfy { $0.severity == .warning })
        #expect(!loaded.report.contains("hunter2"))
    }

    @Test("this machine's accounts are found by name")
    func accounts() {
        #expect(AccountDirectory.system.user("root") == 0)
        #expect(AccountDirectory.system.group("root") == 0)
        #expect(AccountDirectory.system.user("nobody-of-that-name") == nil)
        #expect(AccountDirectory.system.group("") == nil)
    }
}
