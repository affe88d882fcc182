package import Logging
import SessionCore

/// The auth service inside the daemon: users, passwords, sessions, grants and access rights in one SQLite file.
///
/// One authority serves all embedded profiles. It opens its database when it is first asked, so it can be made where
/// nothing may fail. `async` calls do their waiting elsewhere than on Swift's threads; the others block, and are for
/// administration alone.
package final class EmbeddedAuthority: Sendable {
    let database: AuthorityDatabase
    let board = HintBoard()
    let cost: PasswordCost
    let now: @Sendable () -> Int64
    let hashing: BoundedWork

    /// - Parameters:
    ///   - path: the database file. It is created, 0600, where there is none; its folder must be there.
    ///   - issuer: the `iss` claim of session JWTs.
    ///   - cost: what new passwords are hashed with. Stored ones keep theirs.
    ///   - concurrentHashes: how many passwords are hashed at once; each takes what `cost` says.
    ///   - waitingHashes: how many more may wait their turn before sign-ins are answered with `busy`.
    ///   - now: Unix milliseconds.
    package init(
        path: String, issuer: String = "sessiond", cost: PasswordCost = .interactive, concurrentHashes: Int = 2,
        waitingHashes: Int = 256, logger: Logger, now: @escaping @Sendable () -> Int64
    ) {
        self.cost = cost
        self.now = now
        database = AuthorityDatabase(path: path, issuer: issuer, now: now, logger: logger)
        hashing = BoundedWork(
            label: "sessiond.authority.passwords", width: concurrentHashes, waitingLimit: waitingHashes)
    }

    func hash(_ password: Secret) async throws(AuthorityError) -> PasswordHash {
        let cost = cost
        guard let hash = try await hashed({ PasswordHash(of: password, cost: cost) }) else { throw .unavailable }
        return hash
    }

    func matches(_ password: Secret, _ hash: PasswordHash) async throws(AuthorityError) -> Bool {
        guard let answer = try await hashed({ hash.matches(password) }) else { throw .unusable(.corrupt) }
        return answer
    }

    private func hashed<Answer: Sendable>(
        _ work: @escaping @Sendable () -> Answer
    ) async throws(AuthorityError) -> Answer {
        let answer: Answer
        do {
            answer = try await hashing.run(work)
        } catch {
            switch error {
            case .busy: throw .busy
            case .cancelled: throw .unavailable
            }
        }
        // Nobody waits for what a cancelled sign-in would make, and nobody could ever end it.
        guard !Task.isCancelled else { throw .unavailable }
        return answer
    }
}

/// A session of the authority's as its holder is told of it.
struct IssuedSession: Sendable {
    let session: SessionRecord
    let user: UserRecord
    let token: Secret
    let jwt: Secret
    /// Unix milliseconds.
    let jwtExpiresAt: Int64
}
