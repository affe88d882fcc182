import SessionCore
import SessionProtocol
import Testing

@testable import SessionProviders

@Suite("Hints of the authority", .timeLimit(.minutes(1)))
struct HintTests {
    let fixture = AuthorityFixture()

    enum Change: CaseIterable { case name, access, disable, password, remove, revoke }

    @Test("every administrative change names the sessions concerned, and no others", arguments: Change.allCases)
    func administrative(_ change: Change) async throws {
        try await fixture.addUser()
        try await fixture.addUser("other")
        let first = try await fixture.signIn()
        let second = try await fixture.signIn()
        let foreign = try await fixture.signIn("other")
        let provider = fixture.provider
        var hints = try #require(provider.hints).makeAsyncIterator()
        let authority = fixture.authority
        func update(
            name: String? = nil, password: String? = nil, disabled: Bool? = nil, access: [String: String]? = nil
        ) async throws {
            _ = try await authority.updateUser(
                username: "kari", name: name, password: Secret(password), disabled: disabled, access: access)
        }
        switch change {
        case .name: try await update(name: "New")
        case .access: try await update(access: ["reports": "r"])
        case .disable: try await update(disabled: true)
        case .password: try await update(password: "another password")
        case .remove: try authority.removeUser(username: "kari")
        case .revoke: try authority.revokeSession(id: try #require(first.sessionID))
        }
        let concerned = Set([first, second].compactMap(\.sessionID))
        let hinted = try #require(await hints.next()).sessionIDs
        #expect(hinted == (change == .revoke ? Set([first.sessionID].compactMap { $0 }) : concerned))
        // The hint comes after the change is durable: asking at once shows it.
        let survives = change == .name || change == .access
        let answer = await provider.validate(first)
        #expect(answer.summary == (survives ? "confirmed" : "ended endedElsewhere"))
        #expect(await provider.validate(foreign).summary == "confirmed")
    }

    @Test("a profile's own change reaches the other profiles and not itself")
    func otherProfile() async throws {
        try await fixture.addUser()
        let (acting, watching) = (fixture.provider, fixture.provider)
        let own = try await fixture.signIn(with: acting)
        let other = try await fixture.signIn(with: watching)
        var actingHints = try #require(acting.hints).makeAsyncIterator()
        var watchingHints = try #require(watching.hints).makeAsyncIterator()
        #expect(await acting.revoke(.others, session: own) == .confirmed)
        #expect(await watchingHints.next()?.sessionIDs == Set([other.sessionID].compactMap { $0 }))
        #expect(await acting.change(.extend(minutes: 10), session: own).summary == "confirmed")
        #expect(await watchingHints.next()?.sessionIDs == Set([own.sessionID].compactMap { $0 }))
        // An administrator's change comes to both: it is the first that the acting profile hears.
        try fixture.authority.revokeSession(id: try #require(own.sessionID))
        #expect(await actingHints.next()?.sessionIDs == Set([own.sessionID].compactMap { $0 }))
    }

    @Test("what arrives while nobody listens is one set, and nothing is lost")
    func coalescing() async throws {
        try await fixture.addUser()
        var sessions: [ProviderSession] = []
        for _ in 0..<20 { sessions.append(try await fixture.signIn()) }
        var hints = try #require(fixture.provider.hints).makeAsyncIterator()
        for session in sessions { try fixture.authority.revokeSession(id: try #require(session.sessionID)) }
        #expect(await hints.next()?.sessionIDs == Set(sessions.compactMap(\.sessionID)))
    }

    @Test("a stream ends with its consumer's task, and nothing of it is left")
    func ending() async throws {
        let stream = try #require(fixture.provider.hints)
        let consumer = Task { [stream] in
            var count = 0
            for await _ in stream { count += 1 }
            return count
        }
        fixture.authority.board.post(["a"])
        consumer.cancel()
        #expect(await consumer.value <= 1)
    }

    @Test("a stream that nobody holds any more is forgotten")
    func forgotten() async throws {
        do {
            let stream = try #require(fixture.provider.hints)
            #expect(fixture.authority.board.streamCount == 1)
            _ = stream
        }
        #expect(fixture.authority.board.streamCount == 0)
    }

    @Test("every id that is put in comes out, however the two sides run")
    func nothingLost() async throws {
        let mailbox = HintMailbox()
        let ids = Set((0..<2000).map { "session_\($0)" })
        let producer = Task.detached { for id in ids { mailbox.put([id]) } }
        var seen: Set<String> = []
        while seen.count < ids.count, let more = await mailbox.next() { seen.formUnion(more) }
        await producer.value
        #expect(seen == ids)
    }
}
