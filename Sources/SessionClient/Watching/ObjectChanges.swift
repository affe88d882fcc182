public import SessionProtocol

/// One object of a session as it changes, its present state first.
///
/// A slow reader skips states and never the last one; equal states in a row are one. The sequence ends when the client
/// is closed or the daemon refuses to tell; `snapshots` says why.
public struct ObjectChanges: AsyncSequence, Sendable {
    /// The object as it is.
    public typealias Element = ObjectInfo
    /// It only ends.
    public typealias Failure = Never

    let snapshots: Snapshots
    let name: ObjectName

    /// Begins to watch.
    public func makeAsyncIterator() -> Iterator { Iterator(snapshots: snapshots.makeAsyncIterator(), name: name) }

    /// One reader of the object.
    public struct Iterator: AsyncIteratorProtocol {
        private var snapshots: Snapshots.Iterator
        private let name: ObjectName
        private var last: ObjectInfo?

        init(snapshots: Snapshots.Iterator, name: ObjectName) {
            self.snapshots = snapshots
            self.name = name
        }

        /// The object, once it differs from the last time; nil where nothing more will come.
        public mutating func next(isolation actor: isolated (any Actor)?) async -> ObjectInfo? {
            do {
                while let snapshot = try await snapshots.next(isolation: actor) {
                    let info = snapshot[name]
                    guard info != last else { continue }
                    last = info
                    return info
                }
            } catch {}
            return nil
        }

        /// The object, once it differs from the last time; nil where nothing more will come.
        public mutating func next() async -> ObjectInfo? { await next(isolation: nil) }
    }
}
