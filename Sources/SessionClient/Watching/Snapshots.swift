public import SessionProtocol

/// The states of a profile, the present one first, then the newest after every change.
///
/// A slow reader skips states and never the last one. The sequence ends when the client is closed, and throws where
/// the daemon refuses to tell. A lost connection is neither: it is made again, and what was missed comes then.
public struct Snapshots: AsyncSequence, Sendable {
    /// A state of the profile.
    public typealias Element = Snapshot
    /// Why the daemon does not tell.
    public typealias Failure = SessionError

    let client: SessionClient
    let key: WatchKey

    /// Begins to watch.
    public func makeAsyncIterator() -> Iterator { Iterator(observation: Observation(client, key)) }

    /// One reader of the states.
    public struct Iterator: AsyncIteratorProtocol {
        let observation: Observation
        private var order: UInt64 = 0
        private var last: Snapshot?

        init(observation: Observation) { self.observation = observation }

        /// The newest state, once it differs from the last one; nil where none will come.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws(SessionError) -> Snapshot? {
            while let snapshot = try await observation.next(after: &order) {
                guard snapshot != last else { continue }
                last = snapshot
                return snapshot
            }
            return nil
        }

        /// The newest state, once it differs from the last one; nil where none will come.
        public mutating func next() async throws(SessionError) -> Snapshot? { try await next(isolation: nil) }
    }
}
