import SessionProtocol

/// One reader's place at a watch, given up with the last reference.
final class Observation: Sendable {
    /// Kept so that whoever watches keeps the connection.
    private let client: SessionClient
    private let key: WatchKey
    /// nil where the client was closed before.
    private let board: StateBoard?

    init(_ client: SessionClient, _ key: WatchKey) {
        self.client = client
        self.key = key
        board = client.link.observe(key)
    }

    deinit {
        if board != nil { client.link.unobserve(key) }
    }

    /// The newest state after the one of `order`, which moves on; nil where none will come.
    ///
    /// Throws why the server will not tell, after the last state that it told.
    func next(after order: inout UInt64) async throws(SessionError) -> Snapshot? {
        guard let board else { return nil }
        let view = await board.wait(after: order)
        if view.order > order, let snapshot = view.snapshot, !Task.isCancelled {
            order = view.order
            return snapshot
        }
        if case .refused(let error, _) = view.ending { throw error }
        return nil
    }
}
