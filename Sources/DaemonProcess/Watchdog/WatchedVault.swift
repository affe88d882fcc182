package import SessionCore
import Synchronization

/// What a vault is at. Times are milliseconds on the boot clock.
package struct StoreActivity: Sendable, Hashable {
    /// Calls that the disk has not answered.
    package private(set) var running = 0
    /// Since when there are such calls without any of them coming to its end; nil while there are none.
    package private(set) var waitingSince: Int64?
    /// When a call last came to its end, well or not.
    package private(set) var endedAt: Int64?

    package init() {}

    package mutating func begin(at now: Int64) {
        running += 1
        waitingSince = waitingSince ?? now
    }

    package mutating func end(at now: Int64) {
        running -= 1
        endedAt = now
        // The others had to wait for this one: the vault does one thing at a time.
        waitingSince = running > 0 ? now : nil
    }
}

/// A vault that tells what it is at.
package final class WatchedVault: SessionVaulting {
    private let vault: any SessionVaulting
    private let clock: any KeeperClock
    private let state = Mutex(StoreActivity())

    package init(_ vault: any SessionVaulting, clock: any KeeperClock) {
        self.vault = vault
        self.clock = clock
    }

    package var activity: StoreActivity { state.withLock { $0 } }

    package func load(profile: String, provider: String) throws(VaultError) -> SealedRecord? {
        begin()
        defer { end() }
        return try vault.load(profile: profile, provider: provider)
    }

    package func save(_ record: SealedRecord, profile: String, provider: String) throws(VaultError) {
        begin()
        defer { end() }
        try vault.save(record, profile: profile, provider: provider)
    }

    package func remove(profile: String, provider: String) throws(VaultError) {
        begin()
        defer { end() }
        try vault.remove(profile: profile, provider: provider)
    }

    package func image(profile: String, provider: String) -> SealedRecord? {
        begin()
        defer { end() }
        return vault.image(profile: profile, provider: provider)
    }

    package func hold(_ record: SealedRecord?, profile: String, provider: String) {
        begin()
        defer { end() }
        vault.hold(record, profile: profile, provider: provider)
    }

    private func begin() {
        let now = clock.now().boot
        state.withLock { $0.begin(at: now) }
    }

    private func end() {
        let now = clock.now().boot
        state.withLock { $0.end(at: now) }
    }
}
