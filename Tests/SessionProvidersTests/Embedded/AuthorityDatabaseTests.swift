import FoundationEssentials
import Glibc
import SessionCore
import SessionProtocol
import Testing

@testable import SessionProviders

@Suite("The authority's database")
struct AuthorityDatabaseTests {
    let fixture = AuthorityFixture()

    private func mode(_ path: String) throws -> mode_t {
        var status = stat()
        try #require(lstat(path, &status) == 0)
        return status.st_mode & 0o777
    }

    /// What the three ways in say: a keeper's heartbeat, a sign-in, an administrator.
    private func expectUnusable(_ summary: String, _ fixture: AuthorityFixture) async {
        let session = ProviderSession(tokens: TokenSet(sessionToken: Secret("sds_any")))
        #expect(await fixture.provider.validate(session).summary == summary)
        let fields = SignInFields(["username": "kari", "password": AuthorityFixture.password])
        #expect(
            await fixture.provider.change(
                .signIn(method: "password", fields, durationMinutes: 60), session: nil
            ).summary == summary)
        #expect(throws: AdministrationError.storeFailed) { _ = try fixture.authority.users() }
        #expect(throws: AdministrationError.storeFailed) { _ = try fixture.authority.jwks() }
    }

    @Test("nothing is created before the authority is asked")
    func lazy() throws {
        #expect(!FileManager.default.fileExists(atPath: fixture.databasePath))
        _ = try fixture.authority.users()
        #expect(FileManager.default.fileExists(atPath: fixture.databasePath))
    }

    @Test("its files are their owner's alone")
    func modes() async throws {
        try await fixture.addUser()
        for suffix in ["", "-wal", "-shm"] {
            #expect(try mode(fixture.databasePath + suffix) == 0o600)
        }
    }

    @Test("a file that others can read is closed to them")
    func tightened() throws {
        _ = FileManager.default.createFile(
            atPath: fixture.databasePath, contents: nil, attributes: [.posixPermissions: 0o644])
        _ = try fixture.authority.users()
        #expect(try mode(fixture.databasePath) == 0o600)
    }

    @Test("every commit is on the disk before it is acknowledged")
    func durability() async throws {
        let (journal, numbers) = try await fixture.authority.database.write { db in
            let journal: String? = try db.value("PRAGMA journal_mode")
            let numbers: [Int?] = [
                try db.value("PRAGMA synchronous"), try db.value("PRAGMA foreign_keys"),
                try db.value("PRAGMA secure_delete"),
            ]
            return (journal, numbers)
        }
        #expect(journal == "wal")
        #expect(numbers == [2, 1, 1])
    }

    @Test("users, sessions and grants survive a restart")
    func restart() async throws {
        let user = try await fixture.addUser(access: ["reports": "cr"])
        let session = try await fixture.signIn()
        let grant = try fixture.authority.grant(username: "kari", expiresInMinutes: 60)
        let restarted = AuthorityFixture(folder: fixture.folder, time: fixture.time)
        #expect(try restarted.authority.users() == [user])
        let validated = try #require(await restarted.provider.validate(session).session)
        #expect(validated.sessionID == session.sessionID)
        #expect(validated.objects == session.objects)
        #expect(
            await restarted.provider.change(.exchange(accessToken: grant, durationMinutes: 5), session: nil).summary
                == "confirmed")
    }

    @Test("a file that is no database is left as it is and told of")
    func notADatabase() async throws {
        let bytes = Data(String(repeating: "no database at all. ", count: 500).utf8)
        try bytes.write(to: URL(filePath: fixture.databasePath))
        await expectUnusable("misconfigured authority_corrupt", fixture)
        #expect(try Data(contentsOf: URL(filePath: fixture.databasePath)) == bytes)
        #expect(fixture.log.lines.count == 1, "once, not at every call: \(fixture.log.lines)")
        #expect(fixture.log.lines.first?.contains("authority_corrupt") == true)
    }

    @Test("a damaged database ends no session, and works again once it is mended")
    func damaged() async throws {
        let session = try await {
            let first = AuthorityFixture(folder: fixture.folder, time: fixture.time)
            try await first.addUser()
            let session = try await first.signIn()
            try await first.authority.database.write { db in
                for index in 0..<200 {
                    try db.execute("INSERT INTO userAccess SELECT id, ?, 'r' FROM user", "feature\(index)")
                }
            }
            return session
        }()
        let whole = try Data(contentsOf: URL(filePath: fixture.databasePath))
        try #require(whole.count > 3 * 4096)
        var broken = whole
        for index in 4096..<broken.count { broken[index] = 0x5A }
        try broken.write(to: URL(filePath: fixture.databasePath))
        #expect(await fixture.provider.validate(session).summary == "misconfigured authority_corrupt")
        try whole.write(to: URL(filePath: fixture.databasePath))
        #expect(await fixture.provider.validate(session).summary == "confirmed")
        #expect(fixture.log.lines.count == 2)
    }

    @Test("a database of a newer version is not touched")
    func newer() async throws {
        try await AuthorityFixture(folder: fixture.folder).authority.database.write { db in
            try db.execute("PRAGMA user_version = 2")
        }
        await expectUnusable("misconfigured authority_newer", fixture)
    }

    @Test("what is no plain file, and a folder that is missing, are told of", arguments: ["folder", "link", "missing"])
    func unreadable(_ kind: String) async throws {
        let path = fixture.databasePath
        switch kind {
        case "folder": try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        case "link":
            _ = FileManager.default.createFile(atPath: fixture.folder.path("elsewhere"), contents: nil)
            try FileManager.default.createSymbolicLink(
                atPath: path, withDestinationPath: fixture.folder.path("elsewhere"))
        default: try FileManager.default.removeItem(atPath: fixture.folder.path(""))
        }
        await expectUnusable("misconfigured authority_unreadable", fixture)
    }

    @Test("another user's file is refused", .enabled(if: geteuid() == 0, "only root can give a file away"))
    func foreign() async throws {
        _ = FileManager.default.createFile(atPath: fixture.databasePath, contents: nil)
        try #require(chown(fixture.databasePath, 65_534, 65_534) == 0)
        await expectUnusable("misconfigured authority_foreign", fixture)
    }

    @Test("a folder that may not be written to is told of", .enabled(if: geteuid() != 0, "root may write anywhere"))
    func forbidden() async throws {
        try #require(chmod(fixture.folder.path(""), 0o500) == 0)
        await expectUnusable("misconfigured authority_unreadable", fixture)
        try #require(chmod(fixture.folder.path(""), 0o700) == 0)
    }

    @Test("a file that is taken away under the daemon is told of, and no empty one is put in its place")
    func replaced() async throws {
        try await fixture.addUser()
        let session = try await fixture.signIn()
        let aside = fixture.folder.path("aside")
        try FileManager.default.moveItem(atPath: fixture.databasePath, toPath: aside)
        #expect(await fixture.provider.validate(session).summary == "misconfigured authority_replaced")
        await expectUnusable("misconfigured authority_replaced", fixture)
        #expect(!FileManager.default.fileExists(atPath: fixture.databasePath))
        try FileManager.default.moveItem(atPath: aside, toPath: fixture.databasePath)
        #expect(await fixture.provider.validate(session).summary == "confirmed")
    }

    @Test("a full disk refuses what is new, loses nothing and recovers")
    func full() async throws {
        try await fixture.addUser()
        let session = try await fixture.signIn()
        // SQLite lowers the limit no further than the size that the file has.
        try await fixture.authority.database.write { db in try db.execute("PRAGMA max_page_count = 1") }
        let big = Dictionary(uniqueKeysWithValues: (0..<3000).map { ("feature\($0)", "crud") })
        await #expect(throws: AdministrationError.storeFailed) { try await fixture.addUser("big", access: big) }
        #expect(fixture.log.lines.count == 1)
        try await fixture.authority.database.write { db in try db.execute("PRAGMA max_page_count = 1073741824") }
        #expect(try fixture.authority.users().count == 1)
        #expect(await fixture.provider.validate(session).summary == "confirmed")
        try await fixture.addUser("big", access: big)
    }

    @Test("a database that cannot be written is unreachable: no session ends, and none begins")
    func locked() async throws {
        try await fixture.addUser()
        let session = try await fixture.signIn()
        let intruder = try Database(path: fixture.databasePath, busyTimeoutMs: 0)
        try intruder.execute("BEGIN EXCLUSIVE")
        #expect(await fixture.provider.validate(session).summary == "unreachable")
        #expect(await fixture.provider.revoke(.current, session: session) == .unreachable(retryAfterMs: nil))
        #expect(throws: AdministrationError.storeFailed) {
            _ = try fixture.authority.grant(username: "kari", expiresInMinutes: 5)
        }
        #expect(fixture.log.lines.count == 1)
        try intruder.execute("ROLLBACK")
        #expect(await fixture.provider.validate(session).summary == "confirmed")
        #expect(try fixture.authority.sessions(username: nil).count == 1)
        #expect(fixture.log.lines.count == 2)
    }
}
