import FoundationEssentials
import SessionCore
import SessionProtocol
import Testing

@testable import SessionProviders

@Suite("Secrets stay inside the authority")
struct SecrecyTests {
    let fixture = AuthorityFixture()

    @Test("neither passwords nor tokens are in the files, the log or any description")
    func canaries() async throws {
        let passwords = ["canary-one-7f3a", "canary-two-91bc", "canary-wrong-55d0"]
        let username = "canary-user-c4e2"
        try await fixture.addUser(username, password: passwords[0])
        let provider = fixture.provider
        var said: [String] = []
        func note(_ value: Any) { said += ["\(value)", String(reflecting: value)] }
        func signIn(_ password: String) async -> ProviderOutcome {
            let fields = SignInFields(["username": username, "password": password])
            note(fields)
            return await provider.change(
                .signIn(method: "password", fields, durationMinutes: 60), session: nil)
        }
        let first = await signIn(passwords[0])
        let session = try #require(first.session)
        note(await signIn(passwords[2]))
        let grant = try fixture.authority.grant(username: username, expiresInMinutes: 60)
        note(grant)
        for value in [Secret(passwords[1]), Secret("short")] {
            do {
                note(
                    try await fixture.authority.updateUser(
                        username: username, name: nil, password: value, disabled: nil, access: nil))
            } catch { note(error) }
        }
        note(first.confirmation?.tokens as Any)
        do { try await fixture.addUser(username) } catch { note(error) }
        let failing: [StaticString] = ["INSERT INTO user (id) VALUES ('canary-two-91bc')", "nonsense canary-two-91bc"]
        for sql in failing {
            do {
                try await fixture.authority.database.write { db in try db.execute(sql) }
                Issue.record("this statement should fail")
            } catch { note(error) }
        }
        let tokens = [session.tokens.sessionToken, session.tokens.sessionJwt, grant].compactMap { $0?.reveal() }
        try #require(tokens.count == 3)
        let stored = String(decoding: try fixture.folder.contents(), as: UTF8.self)
        for canary in passwords + tokens {
            #expect(!stored.contains(canary), "a secret is on the disk")
            #expect(!said.joined().contains(canary), "a secret is in a description")
            #expect(!fixture.log.lines.joined().contains(canary), "a secret is in the log")
        }
        #expect(!fixture.log.lines.joined().contains(username), "a username is in the log")
        // The search itself works: what must be on the disk is found.
        #expect(stored.contains(username))
    }

    @Test("no error of the authority's holds what was typed")
    func errors() async throws {
        let typed = "canary\u{1}typed"
        var said: [String] = []
        do { try await fixture.addUser(typed) } catch { said.append("\(error)") }
        do { try fixture.authority.removeUser(username: "canary typed") } catch { said.append("\(error)") }
        do { try fixture.authority.revokeSession(id: "canary typed") } catch { said.append("\(error)") }
        #expect(said.count == 3)
        #expect(!said.joined().contains("canary"))
    }
}

@Suite("Password hashes")
struct PasswordHashTests {
    @Test("scrypt is that of RFC 7914")
    func vector() throws {
        // Section 12, third vector; 32 bytes of output are the first 32 of 64.
        let expected: [UInt8] = [
            0x70, 0x23, 0xbd, 0xcb, 0x3a, 0xfd, 0x73, 0x48, 0x46, 0x1c, 0x06, 0xcd, 0x81, 0xfd, 0x38, 0xeb,
            0xfd, 0xa8, 0xfb, 0xba, 0x90, 0x4f, 0x8e, 0x3e, 0xa9, 0xb5, 0x43, 0xf6, 0x54, 0x5d, 0xa1, 0xf2,
        ]
        let hash = PasswordHash(
            cost: PasswordCost(rounds: 16384, blockSize: 8, parallelism: 1), salt: Array("SodiumChloride".utf8),
            derived: expected)
        #expect(hash.matches(try #require(Secret("pleaseletmein"))) == true)
        #expect(hash.matches(try #require(Secret("pleaseletmeout"))) == false)
    }

    @Test("two hashes of one password differ, and the cost is kept with each")
    func salted() throws {
        let password = try #require(Secret("password"))
        let first = try #require(PasswordHash(of: password, cost: .trivial))
        let second = try #require(PasswordHash(of: password, cost: .trivial))
        #expect(first.salt != second.salt && first.derived != second.derived)
        #expect(first.cost == .trivial)
        #expect(first.matches(password) == true)
    }

    @Test("the real cost works and takes 32 MiB")
    func interactive() throws {
        let password = try #require(Secret("password"))
        let hash = try #require(PasswordHash(of: password, cost: .interactive))
        #expect(128 * hash.cost.rounds * hash.cost.blockSize == 32 << 20)
        #expect(hash.matches(password) == true)
    }

    @Test("no password matches the stand-in for an unknown user", arguments: ["", "password", "\u{0}"])
    func unmatchable(_ text: String) {
        guard let password = Secret(text) else { return }
        #expect(PasswordHash.unmatchable(cost: .trivial).matches(password) == false)
    }

    @Test(
        "parameters out of reason are refused, not obeyed",
        arguments: [
            (0, 8, 1), (3, 8, 1), (1 << 30, 8, 1), (16, 0, 1), (16, 4096, 1), (16, 8, 0), (16, 8, 9), (-2, 8, 1),
        ])
    func refused(_ rounds: Int, _ blockSize: Int, _ parallelism: Int) throws {
        let cost = PasswordCost(rounds: rounds, blockSize: blockSize, parallelism: parallelism)
        #expect(PasswordHash(cost: cost, salt: [], derived: []).matches(try #require(Secret("password"))) == nil)
    }

    @Test("a user whose stored parameters are damaged is no wrong password")
    func damagedRow() async throws {
        let fixture = AuthorityFixture()
        try await fixture.addUser()
        try await fixture.authority.database.write { db in
            try db.execute("UPDATE user SET passwordRounds = 1 << 30")
        }
        let fields = SignInFields(["username": "kari", "password": AuthorityFixture.password])
        #expect(
            await fixture.provider.change(
                .signIn(method: "password", fields, durationMinutes: 60), session: nil
            ).summary == "misconfigured authority_corrupt")
    }
}
