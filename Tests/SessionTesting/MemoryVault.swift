package import SessionCore
import Synchronization

/// A vault in memory that can be made to fail.
package final class MemoryVault: SessionVaulting {
    private struct State {
        var records: [String: SealedRecord] = [:]
        var failure: VaultError?
        var storesWhileFailing = false
        var saves = 0
        var onChange: (@Sendable () -> Void)?
    }
    private let state = Mutex(State())

    package init() {}

    /// Every call fails with this until it is nil again.
    package var failure: VaultError? {
        get { state.withLock { $0.failure } }
        set { state.withLock { $0.failure = newValue } }
    }
    /// A failure that comes after the change: the disk holds the new record, and its caller was told that it may not.
    package var storesWhileFailing: Bool {
        get { state.withLock { $0.storesWhileFailing } }
        set { state.withLock { $0.storesWhileFailing = newValue } }
    }
    package var saves: Int { state.withLock { $0.saves } }

    /// Called after every change of what is stored.
    package func onChange(_ body: @escaping @Sendable () -> Void) { state.withLock { $0.onChange = body } }

    /// What is stored of a profile.
    package func record(of profile: String) -> StoredProfile? {
        state.withLock { $0.records[profile] }.flatMap { StoredProfile(encoded: $0.payload) }
    }

    package func load(profile: String, provider: String) throws(VaultError) -> SealedRecord? {
        let (failure, record) = state.withLock { ($0.failure, $0.records[profile]) }
        if let failure { throw failure }
        return record
    }
    package func save(_ record: SealedRecord, profile: String, provider: String) throws(VaultError) {
        try change { $0.records[profile] = record }
    }
    package func remove(profile: String, provider: String) throws(VaultError) {
        try change { $0.records[profile] = nil }
    }

    private func change(_ body: (inout State) -> Void) throws(VaultError) {
        let (failure, onChange) = state.withLock { state in
            if state.failure == nil { state.saves += 1 }
            if state.failure == nil || state.storesWhileFailing { body(&state) }
            return (state.failure, state.onChange)
        }
        if let failure { throw failure }
        onChange?()
    }
}
