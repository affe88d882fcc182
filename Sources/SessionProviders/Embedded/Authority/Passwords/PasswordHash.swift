import Crypto
import CryptoExtras
import FoundationEssentials
import SessionCore

/// What scrypt (RFC 7914) is made to spend on one password: 128 · `blockSize` · `rounds` bytes, and time to match.
package struct PasswordCost: Sendable, Hashable {
    package var rounds: Int
    package var blockSize: Int
    package var parallelism: Int

    package init(rounds: Int, blockSize: Int, parallelism: Int) {
        self.rounds = rounds
        self.blockSize = blockSize
        self.parallelism = parallelism
    }

    /// 32 MiB and about a tenth of a second: what somebody who waits at a prompt does not notice.
    package static let interactive = PasswordCost(rounds: 1 << 15, blockSize: 8, parallelism: 1)
}

/// A password as the database has it.
struct PasswordHash: Sendable, Hashable {
    let cost: PasswordCost
    let salt: [UInt8]
    let derived: [UInt8]

    /// Blocks for as long as `cost` says. nil where scrypt cannot work with such parameters.
    init?(of password: Secret, cost: PasswordCost) {
        let salt = RandomBytes.make(16)
        guard let key = Self.derive(password, salt: salt, cost: cost) else { return nil }
        self.init(cost: cost, salt: salt, derived: key.withUnsafeBytes { Array($0) })
    }

    init(cost: PasswordCost, salt: [UInt8], derived: [UInt8]) {
        self.cost = cost
        self.salt = salt
        self.derived = derived
    }

    /// A hash that no password matches, so that an unknown user costs what a known one does.
    static func unmatchable(cost: PasswordCost) -> PasswordHash {
        PasswordHash(cost: cost, salt: RandomBytes.make(16), derived: [])
    }

    /// Blocks as `init(of:cost:)` does. nil where the stored parameters make no sense.
    func matches(_ password: Secret) -> Bool? {
        // Keys are compared in constant time.
        Self.derive(password, salt: salt, cost: cost).map { $0 == SymmetricKey(data: derived) }
    }

    /// Stored parameters are checked first: a damaged row must not take the machine's memory.
    private static func derive(_ password: Secret, salt: [UInt8], cost: PasswordCost) -> SymmetricKey? {
        guard (2...1 << 20).contains(cost.rounds), (1...8).contains(cost.blockSize), cost.parallelism == 1 else {
            return nil
        }
        return try? KDF.Scrypt.deriveKey(
            from: Array(password.reveal().utf8), salt: salt, outputByteCount: 32, rounds: cost.rounds,
            blockSize: cost.blockSize, parallelism: cost.parallelism)
    }
}
