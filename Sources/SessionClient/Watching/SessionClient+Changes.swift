public import SessionProtocol
import Synchronization

extension SessionClient {
    /// The states of a profile (nil: the default profile), the present one first. Reconnects by itself.
    ///
    /// A slow reader skips states and always gets the newest. The stream ends when the client is closed, and throws a
    /// `SessionError` where the daemon refuses to tell, such as `profileNotFound` or `permissionDenied`.
    public func changes(of profile: String? = nil) -> AsyncThrowingStream<Snapshot, any Error> {
        changes(WatchKey(profile: profile))
    }

    /// The states of every profile that this user may read, the present ones first, over one subscription.
    ///
    /// A slow reader skips states and always gets the newest of each profile; `Snapshot.profile` tells whose it is. Of a
    /// profile that is taken out of the daemon's configuration nothing more comes. Ends as `changes(of:)` does.
    public func changesOfAllProfiles() -> AsyncThrowingStream<Snapshot, any Error> {
        changes(WatchKey(isOfAll: true))
    }

    private func changes(_ key: WatchKey) -> AsyncThrowingStream<Snapshot, any Error> {
        let observation = Observation(self, key)
        let seen = Mutex<UInt64>(0)
        return AsyncThrowingStream {
            // One reader at a time, as with every stream: nobody else moves `seen` during the wait.
            var order = seen.withLock { $0 }
            let snapshot = try await observation.next(after: &order)
            seen.withLock { $0 = order }
            return snapshot
        }
    }
}
