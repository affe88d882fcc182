import SessionCore
import SessionProtocol
import Testing

@testable import SessionProviders

/// Random histories, each compared after every step with a model that is nothing but dictionaries.
@Suite("The authority against a model")
struct AuthorityModelTests {
    struct Held {
        let user: Int
        var session: ProviderSession
        var isEnded = false
    }

    /// splitmix64: a failing seed can be run again.
    struct Seeded: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    enum Step: CaseIterable {
        case signIn, exchange, extend, revokeOne, revokeOthers, revokeAll, adminRevoke, disable, enable
        case newPassword, wait, restart

        /// Without more beginnings than ends there is little to compare.
        static let weighted = allCases + [.signIn, .signIn, .signIn, .exchange, .enable, .enable, .wait]
    }

    @Test("no ended session returns and no live one is lost", arguments: 1...12)
    func history(seed: UInt64) async throws {
        var random = Seeded(state: seed)
        var fixture = AuthorityFixture()
        let users = ["anne", "bo"]
        for user in users { try await fixture.addUser(user, password: "password 0") }
        var passwords = [0, 0]
        var isDisabled = [false, false]
        var held: [Held] = []

        func end(where isConcerned: (Int) -> Bool) {
            for index in held.indices where isConcerned(index) { held[index].isEnded = true }
        }

        for step in 0..<60 {
            let now = fixture.time.now
            let provider = fixture.provider
            let user = Int.random(in: 0...1, using: &random)
            let minutes = Int.random(in: 5...40, using: &random)
            let live = held.indices.filter { !held[$0].isEnded && (held[$0].session.expiresAt ?? 0) > now }
            let chosen = live.randomElement(using: &random)
            let kind = Step.weighted.randomElement(using: &random) ?? .wait
            switch kind {
            case .signIn:
                let fields = SignInFields(["username": users[user], "password": "password \(passwords[user])"])
                let outcome = await provider.change(
                    .signIn(method: "password", fields, durationMinutes: minutes), session: nil)
                #expect(outcome.summary == (isDisabled[user] ? "rejected user_disabled" : "confirmed"))
                if let session = outcome.session { held.append(Held(user: user, session: session)) }
            case .exchange:
                guard !isDisabled[user] else { continue }
                let grant = try fixture.authority.grant(username: users[user], expiresInMinutes: 5)
                let outcome = await provider.change(
                    .exchange(accessToken: grant, durationMinutes: minutes), session: nil)
                held.append(Held(user: user, session: try #require(outcome.session)))
            case .extend:
                guard let chosen else { continue }
                let outcome = await provider.change(.extend(minutes: minutes), session: held[chosen].session)
                held[chosen].session = try #require(outcome.session)
            case .revokeOne:
                guard let chosen else { continue }
                #expect(await provider.revoke(.current, session: held[chosen].session) == .confirmed)
                end { $0 == chosen }
            case .revokeOthers:
                guard let chosen else { continue }
                #expect(await provider.revoke(.others, session: held[chosen].session) == .confirmed)
                let owner = held[chosen].user
                end { held[$0].user == owner && $0 != chosen }
            case .revokeAll:
                guard let chosen else { continue }
                #expect(await provider.revoke(.all, session: held[chosen].session) == .confirmed)
                let owner = held[chosen].user
                end { held[$0].user == owner }
            case .adminRevoke:
                guard let chosen else { continue }
                try fixture.authority.revokeSession(id: try #require(held[chosen].session.sessionID))
                end { $0 == chosen }
            case .disable, .enable, .newPassword:
                let isNew = kind == .newPassword
                if isNew { passwords[user] += 1 } else { isDisabled[user] = kind == .disable }
                _ = try await fixture.authority.updateUser(
                    username: users[user], name: nil, password: isNew ? Secret("password \(passwords[user])") : nil,
                    disabled: isNew ? nil : isDisabled[user], access: nil)
                if isNew || isDisabled[user] { end { held[$0].user == user } }
            case .wait:
                fixture.time.advance(minutes: Int64(Int.random(in: 1...10, using: &random)))
            case .restart:
                fixture = AuthorityFixture(folder: fixture.folder, time: fixture.time)
            }
            try await check(held, fixture, "seed \(seed), step \(step)")
        }
        #expect(held.count > 5)
    }

    private func check(_ held: [Held], _ fixture: AuthorityFixture, _ context: Comment) async throws {
        let now = fixture.time.now
        var liveIDs: Set<String> = []
        for one in held {
            let isOver = (one.session.expiresAt ?? 0) <= now
            let expected = isOver ? "ended expired" : one.isEnded ? "ended endedElsewhere" : "confirmed"
            let outcome = await fixture.provider.validate(one.session)
            #expect(outcome.summary == expected, context)
            if let confirmation = outcome.confirmation {
                #expect(confirmation.expiry == .at(one.session.expiresAt ?? 0), context)
                liveIDs.insert(try #require(confirmation.sessionID))
            }
        }
        let listed = try fixture.authority.sessions(username: nil).compactMap { $0["id"]?.stringValue }
        #expect(Set(listed) == liveIDs, context)
    }
}
