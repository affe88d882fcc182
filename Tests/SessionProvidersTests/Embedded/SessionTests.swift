import SessionCore
import SessionProtocol
import Testing

@testable import SessionProviders

@Suite("Sessions of the authority")
struct SessionTests {
    let fixture = AuthorityFixture()

    @Test("validating moves lastSeenAt and never the end")
    func validate() async throws {
        try await fixture.addUser()
        let session = try await fixture.signIn(minutes: 60)
        fixture.time.advance(minutes: 10)
        let confirmation = try #require(await fixture.provider.validate(session).confirmation)
        #expect(confirmation.expiry == .at(AuthorityFixture.start + 3_600_000))
        let object = try #require(confirmation.objects["session"] ?? nil)
        #expect(object["lastSeenAt"] == .integer(fixture.time.now))
        #expect(object["expiresAt"] == .integer(AuthorityFixture.start + 3_600_000))
        #expect(confirmation.tokens?.sessionToken == session.tokens.sessionToken)
    }

    @Test("a token alone is enough to validate")
    func handedIn() async throws {
        try await fixture.addUser()
        let session = try await fixture.signIn()
        let bare = ProviderSession(tokens: TokenSet(sessionToken: session.tokens.sessionToken))
        let confirmation = try #require(await fixture.provider.validate(bare).confirmation)
        #expect(confirmation.sessionID == session.sessionID)
        #expect(confirmation.objects["user"] == session.objects["user"])
    }

    @Test("an unknown token is ended elsewhere, a session past its end expired")
    func gone() async throws {
        try await fixture.addUser()
        let session = try await fixture.signIn(minutes: 5)
        let bare = ProviderSession(tokens: TokenSet(sessionToken: session.tokens.sessionToken))
        let unknown = ProviderSession(tokens: TokenSet(sessionToken: Secret("sds_unknown")))
        #expect(await fixture.provider.validate(unknown).summary == "ended endedElsewhere")
        fixture.time.advance(minutes: 5, ms: -1)
        #expect(await fixture.provider.validate(bare).summary == "confirmed")
        fixture.time.advance(ms: 1)
        #expect(await fixture.provider.validate(bare).summary == "ended expired")
        #expect(await fixture.provider.change(.extend(minutes: 60), session: bare).summary == "ended expired")
        // Long pruned: what the holder was told of its end still tells why.
        fixture.time.advance(minutes: 3 * 1440)
        try await fixture.addUser("other")
        _ = try await fixture.signIn("other")
        #expect(await fixture.provider.validate(session).summary == "ended expired")
        #expect(await fixture.provider.validate(bare).summary == "ended endedElsewhere")
    }

    @Test("expired sessions and grants do not pile up")
    func pruning() async throws {
        try await fixture.addUser()
        for _ in 0..<5 {
            _ = try await fixture.signIn(minutes: 5)
            _ = try fixture.authority.grant(username: "kari", expiresInMinutes: 5)
        }
        fixture.time.advance(minutes: 5 + 1440)
        _ = try await fixture.signIn()
        let counts: [Int?] = try await fixture.authority.database.write { db in
            [try db.value("SELECT count(*) FROM session"), try db.value("SELECT count(*) FROM accessGrant")]
        }
        #expect(counts == [1, 0])
    }

    @Test("extending moves the end to that many minutes from now, sooner too", arguments: [5, 60, 120, 527_040])
    func extend(minutes: Int) async throws {
        try await fixture.addUser()
        let session = try await fixture.signIn(minutes: 60)
        fixture.time.advance(minutes: 20)
        let outcome = await fixture.provider.change(.extend(minutes: minutes), session: session)
        let end = fixture.time.now + Int64(minutes) * 60_000
        #expect(outcome.confirmation?.expiry == .at(end))
        #expect(await fixture.provider.validate(session).confirmation?.expiry == .at(end))
    }

    @Test("a duration out of range changes nothing", arguments: [0, 4, 527_041])
    func extendOutOfRange(minutes: Int) async throws {
        try await fixture.addUser()
        let session = try await fixture.signIn(minutes: 60)
        #expect(
            await fixture.provider.change(.extend(minutes: minutes), session: session).summary
                == "invalidField sessionDurationMinutes")
        #expect(await fixture.provider.validate(session).session?.expiresAt == session.expiresAt)
    }

    @Test("a clock that was turned back leaves lastSeenAt where it is")
    func clockBack() async throws {
        try await fixture.addUser()
        let session = try await fixture.signIn()
        fixture.time.advance(minutes: -30)
        let object = await fixture.provider.validate(session).session?.objects["session"]
        #expect(object?["lastSeenAt"] == .integer(AuthorityFixture.start))
    }

    enum Which: CaseIterable { case current, others, all, byID }

    @Test("revoking ends what is named and nothing else", arguments: Which.allCases)
    func revoke(_ which: Which) async throws {
        try await fixture.addUser()
        try await fixture.addUser("other")
        let own = try await fixture.signIn()
        let second = try await fixture.signIn()
        let third = try await fixture.signIn()
        let foreign = try await fixture.signIn("other")
        let (target, survivors): (RevocationTarget, [Bool]) =
            switch which {
            case .current: (.current, [false, true, true])
            case .others: (.others, [true, false, false])
            case .all: (.all, [false, false, false])
            case .byID: (.session(id: try #require(second.sessionID)), [true, false, true])
            }
        #expect(await fixture.provider.revoke(target, session: own) == .confirmed)
        for (session, survives) in zip([own, second, third], survivors) {
            let expected = survives ? "confirmed" : "ended endedElsewhere"
            #expect(await fixture.provider.validate(session).summary == expected)
        }
        #expect(await fixture.provider.validate(foreign).summary == "confirmed")
    }

    @Test("another user's session is as unknown as one that does not exist")
    func revokeForeign() async throws {
        try await fixture.addUser()
        try await fixture.addUser("other")
        let own = try await fixture.signIn()
        let foreign = try await fixture.signIn("other")
        let id = try #require(foreign.sessionID)
        #expect(
            await fixture.provider.revoke(.session(id: id), session: own) == .rejected(reason: "session_not_found"))
        #expect(
            await fixture.provider.revoke(.session(id: "session_none"), session: own)
                == .rejected(reason: "session_not_found"))
        #expect(await fixture.provider.validate(foreign).summary == "confirmed")
    }

    @Test("ending a session that is gone succeeds, and a dead token ends no other session")
    func revokeAgain() async throws {
        try await fixture.addUser()
        let own = try await fixture.signIn()
        let second = try await fixture.signIn()
        #expect(await fixture.provider.revoke(.current, session: own) == .confirmed)
        #expect(await fixture.provider.revoke(.current, session: own) == .confirmed)
        let targets: [RevocationTarget] = [.all, .others, .session(id: try #require(second.sessionID))]
        for target in targets {
            #expect(
                await fixture.provider.revoke(target, session: own) == .rejected(reason: "session_not_found"))
        }
        #expect(await fixture.provider.validate(second).summary == "confirmed")
    }

    @Test("the list has the user's live sessions, the own one marked")
    func list() async throws {
        try await fixture.addUser()
        try await fixture.addUser("other")
        _ = try await fixture.signIn("other")
        let brief = try await fixture.signIn(minutes: 5)
        fixture.time.advance(minutes: 1)
        let own = try await fixture.signIn()
        var listed = try #require(await fixture.provider.listSessions(own).answer)
        #expect(listed.map(\.id) == [brief.sessionID, own.sessionID])
        #expect(listed.map(\.isCurrent) == [false, true])
        #expect(listed.map(\.createdAt) == [AuthorityFixture.start, fixture.time.now])
        #expect(listed.map(\.value) == [brief.objects["session"], own.objects["session"]])
        fixture.time.advance(minutes: 5)
        listed = try #require(await fixture.provider.listSessions(own).answer)
        #expect(listed.map(\.id) == [own.sessionID])
    }

    @Test("questions of a session that is gone say so")
    func questions() async throws {
        try await fixture.addUser(name: "Kari")
        let session = try await fixture.signIn()
        #expect(await fixture.provider.fetchUser(session).answer == session.objects["user"])
        #expect(await fixture.provider.revoke(.current, session: session) == .confirmed)
        guard case .ended(.endedElsewhere) = await fixture.provider.fetchUser(session) else {
            Issue.record("a dead session was shown its user")
            return
        }
        guard case .ended(.endedElsewhere) = await fixture.provider.listSessions(session) else {
            Issue.record("a dead session was shown a list")
            return
        }
    }
}
