import Glibc
import SessionCore
import Synchronization
import Testing

@testable import DaemonConfiguration

@Suite("Where secrets are")
struct SecretTests {
    /// A file's content, and the secret in it or why there is none.
    static let contents: [(String, Result<String, SecretFault>)] = [
        ("hunter2", .success("hunter2")), ("hunter2\n", .success("hunter2")), ("hunter2\r\n", .success("hunter2")),
        ("hunter2\n\n", .success("hunter2")), (" hunter 2 ", .success(" hunter 2 ")),
        ("hünter2\n", .success("hünter2")),
        (String(repeating: "x", count: 65_535) + "\n", .success(String(repeating: "x", count: 65_535))),
        (String(repeating: "x", count: 65_537), .failure(.tooLarge)),
        ("", .failure(.empty)), ("\n", .failure(.empty)), ("hunter\n2", .failure(.notOneLine)),
        ("hunter2\u{0}", .failure(.notOneLine)), ("\u{0}", .failure(.notOneLine)), ("a\tb", .failure(.notOneLine)),
        ("a\u{7F}", .failure(.notOneLine)),
    ]

    @Test("a secret is the one line of its file", arguments: contents)
    func content(text: String, expected: Result<String, SecretFault>) throws {
        let folder = try TemporaryFolder()
        try folder.write("secret", text)
        for (source, credentials) in [
            (SecretSource.file("\(folder.path)/secret"), nil), (.credential("secret"), folder.path),
        ] as [(SecretSource, String?)] {
            let result = Result { () throws(SecretFault) in try source.read(credentials: credentials).reveal() }
            #expect(result == expected)
        }
    }

    @Test("bytes that are no text are no secret")
    func noText() throws {
        let folder = try TemporaryFolder()
        try folder.write("secret", bytes: [0x61, 0xC3, 0x28])
        #expect(throws: SecretFault.notOneLine) {
            try SecretSource.file("\(folder.path)/secret").read(credentials: nil)
        }
    }

    @Test("what is no regular file holds nobody up, and what is absent is told as that")
    func noFile() throws {
        let folder = try TemporaryFolder()
        try #require(mkfifo("\(folder.path)/pipe", 0o600) == 0)
        try folder.write("secret", "hunter2")
        try #require(symlink("\(folder.path)/secret", "\(folder.path)/link") == 0)
        try #require(symlink("\(folder.path)/loop", "\(folder.path)/loop") == 0)
        let cases: [(String, SecretFault)] = [
            ("pipe", .notRegularFile), ("profiles.d", .notRegularFile), ("absent", .absent), ("secret/x", .absent),
            ("loop", .unreadable(ELOOP)),
        ]
        for (name, fault) in cases {
            #expect(throws: fault) { try SecretSource.file("\(folder.path)/\(name)").read(credentials: nil) }
            #expect(throws: fault) { try SecretSource.credential(name).read(credentials: folder.path) }
        }
        #expect(try SecretSource.file("\(folder.path)/link").read(credentials: nil).reveal() == "hunter2")
        #expect(throws: SecretFault.noCredentials) { try SecretSource.credential("secret").read(credentials: nil) }
    }

    @Test("a file that may not be read is told as that")
    func forbidden() async throws {
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            try folder.write("secret", "hunter2", mode: 0)
            // Root reads everything: become somebody else, who owns nothing here.
            try #require(chmod(folder.path, 0o755) == 0)
            let isRoot = getuid() == 0
            if isRoot { try #require(seteuid(65_534) == 0) }
            #expect(throws: SecretFault.unreadable(EACCES)) {
                try SecretSource.file("\(folder.path)/secret").read(credentials: nil)
            }
            if isRoot { try #require(seteuid(0) == 0) }
        }
    }

    @Test("the secret is read anew each time, and each change of its state is told once")
    func anew() throws {
        let folder = try TemporaryFolder()
        let told = Mutex<[SecretFault?]>([])
        let read = SecretSource.file("\(folder.path)/secret").reader(credentials: nil) { fault in
            told.withLock { $0.append(fault) }
        }
        let steps: [(String?, String?)] = [
            ("one\n", "one"), ("two\n", "two"), (nil, nil), (nil, nil), ("\u{0}", nil), ("\u{0}", nil),
            ("three", "three"),
            ("three", "three"), ("", nil),
        ]
        for (content, expected) in steps {
            unlink("\(folder.path)/secret")
            if let content { try folder.write("secret", content) }
            #expect(read()?.reveal() == expected)
        }
        #expect(told.withLock { $0 } == [.absent, .notOneLine, nil, .empty])
    }

    @Test("a secret in the configuration is always there")
    func literal() throws {
        let secret = try #require(Secret("hunter2"))
        let read = SecretSource.literal(secret).reader(credentials: nil) { Issue.record("\(String(describing: $0))") }
        #expect(read() == secret)
    }

    @Test("no fault shows what is in the file")
    func secrecy() throws {
        let folder = try TemporaryFolder()
        try folder.write("secret", "hunter2\nhunter3")
        do {
            _ = try SecretSource.file("\(folder.path)/secret").read(credentials: nil)
            Issue.record("two lines are no secret")
        } catch {
            #expect(!"\(error) \(String(reflecting: error))".contains("hunter"))
        }
    }

    @Test("checking the configuration warns of a secret's file that is not there or that others may read")
    func warnings() throws {
        let folder = try TemporaryFolder()
        try folder.write("mine", "hunter2\n", mode: 0o640)
        try folder.write("everybodys", "hunter2\n", mode: 0o644)
        for (name, message) in [
            ("mine", nil), ("everybodys", "other users may read the secret's file"),
            ("absent", "the secret cannot be had: there is no such file"),
        ] as [(String, String?)] {
            try folder.write(
                "sessiond.yaml",
                "profiles: {a: {provider: backstack, appKey: {file: \"\(folder.path)/\(name)\"}}}\n#\(name)")
            let loaded = try folder.load()
            #expect(loaded.problems.map(\.message) == (message.map { [$0] } ?? []))
            #expect(loaded.problems.allSatisfy { $0.severity == .warning && $0.line == 1 })
            #expect(loaded.exitStatus == 0)
            #expect(!loaded.report.contains("hunter2"))
            unlink("\(folder.path)/sessiond.yaml")
        }
    }
}
