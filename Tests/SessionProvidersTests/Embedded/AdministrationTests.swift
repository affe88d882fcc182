import SessionCore
import SessionProtocol
import Testing

@testable import SessionProviders

@Suite("Administration of the authority")
struct AdministrationTests {
    let fixture = AuthorityFixture()

    private func update(
        _ username: String = "kari", name: String? = nil, password: String? = nil, disabled: Bool? = nil,
        access: [String: String]? = nil
    ) async throws -> JSONValue {
        try await fixture.authority.updateUser(
            username: username, name: name, password: Secret(password), disabled: disabled, access: access)
    }

    @Test("a user is shown as the protocol says, and never with a password")
    func shape() async throws {
        let added = try await fixture.addUser("Kari", access: ["reports": "cr", "empty": ""])
        let id = try #require(added["id"]?.stringValue)
        #expect(
            added == [
                "id": .string(id), "username": "Kari", "disabled": false,
                "createdAt": .integer(AuthorityFixture.start), "access": ["reports": "cr", "empty": ""],
            ])
        #expect(try fixture.authority.users() == [added])
        let named = try await update("kari", name: "Kari N")
        #expect(named["name"] == "Kari N")
        #expect(try await update("kari")["name"] == "Kari N")
        #expect(try await update("kari", name: "")["name"] == nil)
    }

    @Test("users are listed by name")
    func order() async throws {
        for name in ["ola", "Kari", "anne"] { try await fixture.addUser(name) }
        #expect(try fixture.authority.users().map { $0["username"] } == ["anne", "Kari", "ola"])
    }

    @Test(
        "access maps out of form are refused whole",
        arguments: [
            (["": "r"], "access"), (["a,b": "r"], "access"), (["a:b": "r"], "access"), (["a b": "r"], "access"),
            (["a\tb": "r"], "access"), (["a\u{0}": "r"], "access"), (["a": "x"], "access.a"),
            (["a": "R"], "access.a"), (["a": "rr"], "access.a"), (["a": "*"], "access.a"), (["a": "c,r"], "access.a"),
        ] as [([String: String], String)])
    func accessForm(_ access: [String: String], _ path: String) async throws {
        var refused: AdministrationError?
        do { try await fixture.addUser(access: access) } catch let error as AdministrationError { refused = error }
        guard case .invalidField(path, _) = refused else {
            Issue.record("\(String(describing: refused))")
            return
        }
        try await fixture.addUser(access: ["kept": "crud"])
        await #expect(throws: AdministrationError.self) { _ = try await update(name: "New", access: access) }
        let user = try #require(try fixture.authority.users().first)
        #expect(user["access"] == ["kept": "crud"])
        #expect(user["name"] == nil)
    }

    @Test("an access map replaces the one before")
    func accessReplaced() async throws {
        try await fixture.addUser(access: ["old": "crud", "both": "c"])
        #expect(try await update(access: ["both": "r", "new": ""])["access"] == ["both": "r", "new": ""])
        #expect(try await update(access: [:])["access"] == [:])
    }

    @Test("disabling and a new password end the user's sessions and void its grants", arguments: [true, false])
    func endsSessions(byDisabling: Bool) async throws {
        try await fixture.addUser()
        try await fixture.addUser("other")
        let session = try await fixture.signIn()
        let foreign = try await fixture.signIn("other")
        let grant = try fixture.authority.grant(username: "kari", expiresInMinutes: 60)
        _ = byDisabling ? try await update(disabled: true) : try await update(password: "another password")
        #expect(await fixture.provider.validate(session).summary == "ended endedElsewhere")
        #expect(await fixture.provider.validate(foreign).summary == "confirmed")
        #expect(
            await fixture.provider.change(.exchange(accessToken: grant, durationMinutes: 5), session: nil).summary
                == "rejected invalid_grant")
        if byDisabling {
            #expect(throws: AdministrationError.rejected(reason: "user_disabled")) {
                _ = try fixture.authority.grant(username: "kari", expiresInMinutes: 60)
            }
            _ = try await update(disabled: false)
            _ = try await fixture.signIn()
        } else {
            _ = try await fixture.signIn(password: "another password")
        }
    }

    @Test("a name or access change reaches the session at its next validation and does not end it")
    func changesArrive() async throws {
        try await fixture.addUser(access: ["reports": "r"])
        let session = try await fixture.signIn()
        _ = try await update(name: "New", disabled: false, access: ["reports": "cr"])
        let renewed = try #require(await fixture.provider.validate(session).session)
        #expect(renewed.objects["user"]?["name"] == "New")
        #expect(renewed.objects["access"] == ["reports": "cr"])
        #expect(fixture.provider.allows(.requirement("reports:c"), objects: renewed.objects))
    }

    @Test("a removed user is gone with sessions, grants and access, and the name is free")
    func removal() async throws {
        let first = try await fixture.addUser(access: ["reports": "r"])
        let session = try await fixture.signIn()
        let grant = try fixture.authority.grant(username: "kari", expiresInMinutes: 60)
        try fixture.authority.removeUser(username: "KARI")
        #expect(try fixture.authority.users().isEmpty)
        #expect(try fixture.authority.sessions(username: nil).isEmpty)
        #expect(await fixture.provider.validate(session).summary == "ended endedElsewhere")
        let second = try await fixture.addUser()
        #expect(second["id"] != first["id"])
        #expect(second["access"] == [:])
        #expect(await fixture.provider.validate(session).summary == "ended endedElsewhere")
        #expect(
            await fixture.provider.change(.exchange(accessToken: grant, durationMinutes: 5), session: nil).summary
                == "rejected invalid_grant")
    }

    @Test("sessions are listed live, of one user or of all, and revoked by id")
    func sessions() async throws {
        try await fixture.addUser("Kari")
        try await fixture.addUser("other")
        let own = try await fixture.signIn(minutes: 60)
        let brief = try await fixture.signIn("other", minutes: 5)
        #expect(
            try fixture.authority.sessions(username: "kari") == [
                [
                    "id": JSONValue(own.sessionID), "username": "Kari", "startedAt": .integer(AuthorityFixture.start),
                    "lastSeenAt": .integer(AuthorityFixture.start),
                    "expiresAt": .integer(AuthorityFixture.start + 3_600_000),
                ]
            ])
        #expect(
            try fixture.authority.sessions(username: nil).map { $0["id"] }
                == [JSONValue(own.sessionID), JSONValue(brief.sessionID)])
        fixture.time.advance(minutes: 5)
        #expect(try fixture.authority.sessions(username: nil).count == 1)
        #expect(throws: AdministrationError.rejected(reason: "session_not_found")) {
            try fixture.authority.revokeSession(id: try #require(brief.sessionID))
        }
        try fixture.authority.revokeSession(id: try #require(own.sessionID))
        #expect(await fixture.provider.validate(own).summary == "ended endedElsewhere")
    }

    @Test("an unknown user is said to be unknown by every call")
    func unknown() async throws {
        let expected = AdministrationError.rejected(reason: "user_not_found")
        await #expect(throws: expected) { _ = try await update("nobody", disabled: true) }
        #expect(throws: expected) { try fixture.authority.removeUser(username: "nobody") }
        #expect(throws: expected) { _ = try fixture.authority.sessions(username: "nobody") }
        #expect(throws: expected) { _ = try fixture.authority.grant(username: "nobody", expiresInMinutes: 60) }
        #expect(throws: AdministrationError.rejected(reason: "session_not_found")) {
            try fixture.authority.revokeSession(id: "nothing")
        }
    }

    @Test(
        "a grant's time is 1 to 527040 minutes", arguments: [(0, false), (1, true), (527_040, true), (527_041, false)])
    func grantTimes(_ minutes: Int, _ isAllowed: Bool) async throws {
        try await fixture.addUser()
        if isAllowed {
            _ = try fixture.authority.grant(username: "kari", expiresInMinutes: minutes)
        } else {
            #expect(
                throws: AdministrationError.invalidField(path: "expiresInMinutes", expected: "1 to 527040 minutes")
            ) {
                _ = try fixture.authority.grant(username: "kari", expiresInMinutes: minutes)
            }
        }
    }
}
