package import SessionCore
import Synchronization

/// A vault in memory that can be made to fail. What it keeps in an image is offered to the next
/// process alone.
package final class MemoryVault: SessionVaulting {
    private struct State {
        var records: [String: SealedRecord] = [:]
        var images: [String: SealedRecord] = [:]
        var isImageOffered = false
        var loads = 0
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

    package var loads: Int { state.withLock { $0.loads } }
    /// As the vault of the next process, on the same disk, with the image or without.
    package func next(withImage: Bool = true) -> MemoryVault {
        let next = MemoryVault()
        state.withLock { state in
            let (records, images) = (state.records, withImage ? state.images : [:])
            next.state.withLock {
                $0.records = records
                $0.images = images
                $0.isImageOffered = withImage
            }
        }
        return next
    }
    /// What the image says of a profile.
    package func imaged(_ profile: String) -> StoredProfile? {
        state.withLock { $0.images[profile] }.flatMap { StoredProfile(encoded: $0.payload) }
    }

    /// Called after every change of what is stored.
    package func onChange(_ body: @escaping @Sendable () -> Void) { state.withLock { $0.onChange = body } }

    /// What is stored of a profile.
    package func record(of profile: String) -> StoredProfile? {
        state.withLock { $0.records[profile] }.flatMap { StoredProfile(encoded: $0.payload) }
    }

    package func load(profile: String, provider: String) throws(VaultError) -> SealedRecord? {
        let (failure, record) = state.withLock { state in
            state.loads += 1
            let record = state.records[profile]
            if state.failure == nil, (record?.generation ?? .max) > state.images[profile]?.generation ?? 0 {
                state.images[profile] = record
            }
            return (state.failure, record)
        }
        if let failure { throw failure }
        return record
    }
    package func save(_ record: SealedRecord, profile: String, provider: String) throws(VaultError) {
        try change {
            $0.records[profile] = record
        } image: {
            $0.images[profile] = record
        }
    }
    package func remove(profile: String, provider: String) throws(VaultError) {
        try change {
            $0.records[profile] = nil
        } image: {
            $0.images[profile] = nil
        }
    }
    package func image(profile: String, provider: String) -> SealedRecord? {
        state.withLock { $0.isImageOffered ? $0.images[profile] : nil }
    }
    package func hold(_ record: SealedRecord?, profile: String, provider: String) {
        state.withLock { $0.images[profile] = record }
    }

    private func change(
        _ body: (inout State) -> Void, image: (inout State) -> Void
    ) throws(VaultError) {
        let (failure, onChange) = state.withLock { state in
            if state.failure == nil { state.saves += 1 }
            if state.failure == nil || state.storesWhileFailing { body(&state) }
            if state.failure == nil { image(&state) }
            return (state.failure, state.onChange)
        }
        if let failure { throw failure }
        onChange?()
    }
}
