import Dispatch
import SessionCore
import SessionProtocol
import Synchronization
import Testing

@testable import SessionProviders

@Suite("The authority under load", .timeLimit(.minutes(2)))
struct ConcurrencyTests {
    @Test("a hundred sign-ins at once are each answered rightly")
    func signIns() async throws {
        let fixture = AuthorityFixture()
        let users = ["anne", "bo", "cato"]
        for user in users { try await fixture.addUser(user, password: "password of \(user)") }
        let provider = fixture.provider
        let outcomes = await withTaskGroup(of: (String, Bool, ProviderOutcome).self) { group in
            for index in 0..<100 {
                let user = users[index % 3]
                let isRight = index % 5 != 0
                let password = isRight ? "password of \(user)" : "password of another"
                group.addTask {
                    let fields = SignInFields(["username": user, "password": password])
                    return (
                        user, isRight,
                        await provider.change(
                            .signIn(method: "password", fields, durationMinutes: 60), session: nil)
                    )
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        var ids: Set<String> = []
        for (user, isRight, outcome) in outcomes {
            #expect(outcome.summary == (isRight ? "confirmed" : "rejected invalid_credentials"))
            guard isRight else { continue }
            #expect(outcome.session?.objects["user"]?["username"] == .string(user))
            ids.insert(try #require(outcome.confirmation?.sessionID))
        }
        #expect(ids.count == 80)
        #expect(try fixture.authority.sessions(username: nil).count == 80)
    }

    @Test("a grant redeemed by fifty at once makes one session")
    func grant() async throws {
        let fixture = AuthorityFixture()
        try await fixture.addUser()
        let grant = try fixture.authority.grant(username: "kari", expiresInMinutes: 5)
        let provider = fixture.provider
        let summaries = await together(50) { _ in
            await provider.change(.exchange(accessToken: grant, durationMinutes: 60), session: nil).summary
        }
        #expect(summaries.count { $0 == "confirmed" } == 1)
        #expect(summaries.count { $0 == "rejected invalid_grant" } == 49)
        #expect(try fixture.authority.sessions(username: nil).count == 1)
    }

    @Test("a name that many sign up for is given once")
    func signUp() async throws {
        let fixture = AuthorityFixture()
        let provider = fixture.provider
        let summaries = await together(30) { index in
            let fields = SignInFields([
                "username": index.isMultiple(of: 2) ? "kari" : "KARI", "password": "password \(index)",
            ])
            return await provider.change(
                .signUp(method: "password", fields, durationMinutes: 60), session: nil
            ).summary
        }
        #expect(summaries.count { $0 == "confirmed" } == 1)
        #expect(summaries.count { $0 == "rejected username_taken" } == 29)
        #expect(try fixture.authority.users().count == 1)
    }

    @Test("sign-ins beyond those that may wait are told to come back")
    func bounded() async throws {
        let fixture = AuthorityFixture(concurrentHashes: 1, waitingHashes: 0)
        try await fixture.addUser()
        let provider = fixture.provider
        let fields = SignInFields(["username": "kari", "password": AuthorityFixture.password])
        let summaries = await together(50) { _ in
            await provider.change(.signIn(method: "password", fields, durationMinutes: 60), session: nil).summary
        }
        let confirmed = summaries.count { $0 == "confirmed" }
        #expect(confirmed >= 1)
        #expect(confirmed + summaries.count { $0 == "throttled" } == 50)
        #expect(try fixture.authority.sessions(username: nil).count == confirmed)
    }

    @Test("the unknown user's password is hashed like anybody else's", arguments: ["kari", "nobody"])
    func sameWork(username: String) async throws {
        let fixture = AuthorityFixture(concurrentHashes: 1, waitingHashes: 0)
        try await fixture.addUser()
        let gate = Gate()
        let hashing = fixture.authority.hashing
        let occupant = Task { try? await hashing.run { gate.wait() } }
        await gate.entered()
        let fields = SignInFields(["username": username, "password": "wrong password"])
        let change = SessionChange.signIn(method: "password", fields, durationMinutes: 60)
        // The one place to hash is taken, so whoever needs it is told to come back.
        #expect(await fixture.provider.change(change, session: nil).summary == "throttled")
        gate.open()
        await occupant.value
        #expect(await fixture.provider.change(change, session: nil).summary == "rejected invalid_credentials")
    }

    @Test("blocking work runs so many at a time, in order, and is refused past the limit")
    func boundedWork() async throws {
        let work = BoundedWork(label: "test", width: 3, waitingLimit: 40)
        let running = Tally()
        let password = try #require(Secret("password"))
        let answers = await together(43) { index -> Int? in
            try? await work.run {
                running.enter()
                _ = PasswordHash(cost: .trivial, salt: [1], derived: []).matches(password)
                running.leave()
                return index
            }
        }
        #expect(Set(answers.compactMap { $0 }) == Set(0..<43))
        #expect((1...3).contains(running.most))
    }

    @Test("work whose task is cancelled before its turn is never started")
    func cancelledWork() async throws {
        let work = BoundedWork(label: "test", width: 1, waitingLimit: 10)
        let gate = Gate()
        let first = Task { try? await work.run { gate.wait() } }
        await gate.entered()
        let run = Tally()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await #expect(throws: BoundedWork.Refusal.cancelled) {
                    try await work.run { run.enter() }
                }
            }
            group.cancelAll()
            gate.open()
        }
        await first.value
        #expect(run.most == 0)
    }

    private func together<Answer: Sendable>(
        _ count: Int, _ call: @escaping @Sendable (Int) async -> Answer
    ) async -> [Answer] {
        await withTaskGroup(of: Answer.self) { group in
            for index in 0..<count { group.addTask { await call(index) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }
}

/// How many are in at once, and were at most.
private final class Tally: Sendable {
    private let counts = Mutex((now: 0, most: 0))
    var most: Int { counts.withLock { $0.most } }
    func enter() { counts.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) } }
    func leave() { counts.withLock { $0.now -= 1 } }
}

/// Holds a thread until it is opened.
private final class Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    private let (stream, continuation) = AsyncStream.makeStream(of: Void.self)

    func wait() {
        continuation.finish()
        semaphore.wait()
    }
    func entered() async { for await _ in stream {} }
    func open() { semaphore.signal() }
}
