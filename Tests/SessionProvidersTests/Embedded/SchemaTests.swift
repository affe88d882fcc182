import FoundationEssentials
import SessionCore
import SessionProtocol
import Testing

@testable import SessionProviders

@Suite("Databases of former versions")
struct SchemaTests {
    let fixture = AuthorityFixture()

    /// What the first versions of the daemon made, by way of GRDB's migrator.
    private static let formerTables: StaticString = """
        PRAGMA journal_mode = WAL;
        CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
        CREATE TABLE user (
            id TEXT NOT NULL PRIMARY KEY,
            username TEXT NOT NULL,
            usernameKey TEXT NOT NULL UNIQUE COLLATE swiftCompare,
            name TEXT,
            passwordRounds INTEGER NOT NULL,
            passwordBlockSize INTEGER NOT NULL,
            passwordParallelism INTEGER NOT NULL,
            passwordSalt BLOB NOT NULL,
            passwordHash BLOB NOT NULL,
            isDisabled INTEGER NOT NULL,
            createdAt INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE userAccess (
            userId TEXT NOT NULL REFERENCES user(id) ON DELETE CASCADE,
            feature TEXT NOT NULL,
            letters TEXT NOT NULL,
            PRIMARY KEY (userId, feature)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE session (
            id TEXT NOT NULL PRIMARY KEY,
            userId TEXT NOT NULL REFERENCES user(id) ON DELETE CASCADE,
            tokenDigest BLOB NOT NULL UNIQUE,
            startedAt INTEGER NOT NULL,
            lastSeenAt INTEGER NOT NULL,
            expiresAt INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX sessionByUser ON session(userId);
        CREATE INDEX sessionByExpiry ON session(expiresAt);
        CREATE TABLE accessGrant (
            tokenDigest BLOB NOT NULL PRIMARY KEY,
            userId TEXT NOT NULL REFERENCES user(id) ON DELETE CASCADE,
            expiresAt INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX accessGrantByUser ON accessGrant(userId);
        CREATE INDEX accessGrantByExpiry ON accessGrant(expiresAt);
        CREATE TABLE signingKey (
            id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
            privateKey BLOB NOT NULL
        ) STRICT;
        INSERT INTO grdb_migrations VALUES ('1 users, sessions, grants, signing key');
        """

    /// The file, empty or with those tables, as a former version had it.
    private func makeFormer(_ sql: StaticString = formerTables) throws -> Database {
        try Data().write(to: URL(filePath: fixture.databasePath))
        let db = try Database(path: fixture.databasePath, busyTimeoutMs: 2000)
        try db.script(sql)
        return db
    }

    @Test("a former version's database opens with its users, sessions, grants and key")
    func former() async throws {
        let token: Secret = try #require(Secret("sds_" + String(repeating: "a", count: 43)))
        let grant = OpaqueToken(.grant)
        let key = SessionSigner.makePrivateKey()
        let typed: Secret = try #require(Secret(AuthorityFixture.password))
        let password = try #require(PasswordHash(of: typed, cost: .trivial))
        let end = AuthorityFixture.start + 3_600_000
        do {
            let db = try makeFormer()
            try db.execute(
                "INSERT INTO user VALUES ('user_1', 'Käri', 'käri', NULL, 16, 1, 1, ?, ?, 0, 7)", password.salt,
                password.derived)
            try db.execute("INSERT INTO userAccess VALUES ('user_1', 'reports', 'cr')")
            try db.execute(
                "INSERT INTO session VALUES ('session_1', 'user_1', ?, 8, 9, ?)",
                OpaqueToken.digest(of: token), end)
            try db.execute("INSERT INTO accessGrant VALUES (?, 'user_1', ?)", grant.digest, end)
            try db.execute("INSERT INTO signingKey VALUES (1, ?)", Array(key))
        }
        let held = ProviderSession(tokens: TokenSet(sessionToken: token))
        let validated = await fixture.provider.validate(held)
        #expect(validated.summary == "confirmed")
        #expect(validated.confirmation?.sessionID == "session_1")
        // Another spelling of the same name: the table's own order decides.
        #expect(try await fixture.signIn("KA\u{308}RI").objects["user"]?["username"] == "Käri")
        #expect(
            await fixture.provider.change(
                .exchange(accessToken: grant.secret, durationMinutes: 5), session: nil
            ).summary == "confirmed")
        let signer = try #require(SessionSigner(privateKey: key, issuer: "sessiond"))
        #expect(try fixture.authority.jwks() == [signer.jwk])
        let user = try #require(try fixture.authority.users().first)
        #expect(user["access"]?["reports"] == "cr")
        let version: Int? = try await fixture.authority.database.write { db in try db.value("PRAGMA user_version") }
        #expect(version == 1)
        // And once more, now in the new form.
        let restarted = AuthorityFixture(folder: fixture.folder, time: fixture.time)
        #expect(await restarted.provider.validate(held).summary == "confirmed")
    }

    @Test("one that was left before its tables were made gets them")
    func interrupted() async throws {
        _ = try makeFormer("CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)")
        try await fixture.addUser()
        #expect(try fixture.authority.users().count == 1)
    }

    @Test("one with a step that is not known here is refused and left as it is")
    func newerFormer() throws {
        let db = try makeFormer()
        try db.execute("INSERT INTO grdb_migrations VALUES ('2 something that is to come')")
        #expect(throws: AdministrationError.storeFailed) { _ = try fixture.authority.users() }
        #expect(fixture.log.lines.first?.contains("authority_newer") == true)
        #expect(try db.value("SELECT count(*) FROM grdb_migrations") == 2)
        #expect(try db.value("PRAGMA user_version") == 0)
    }

    @Test("a step that fails leaves the former version whole")
    func failing() throws {
        // A table of the first step is there already, and nothing says by whom.
        let db = try makeFormer("CREATE TABLE session (id TEXT); INSERT INTO session VALUES ('kept')")
        #expect(throws: AdministrationError.storeFailed) { _ = try fixture.authority.users() }
        #expect(try db.value("SELECT id FROM session") == "kept")
        #expect(try db.value("SELECT count(*) FROM sqlite_schema WHERE name = 'user'") == 0)
    }
}
