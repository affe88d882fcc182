import SessionProtocol

/// One reader's place at a watch, given up with the last reference.
final class Observation: Sendable {
    /// Kept so that whoever watches keeps the connection.
    private let client: SessionClient
    /// nil where the client was closed before.
    private let place: Link.Machine.Place?

    init(_ client: SessionClient, _ key: WatchKey) {
        self.client = client
        place = client.link.observe(key)
    }

    deinit {
        if let place { client.link.unobserve(place) }
    }

    /// The newest state after the one of `order`, which moves on; nil where none will come.
    ///
    /// Throws why the server will not tell, after the last state that it told.
    func next(after order: inout UInt64) async throws(SessionError) -> Snapshot? {
        guard let place else { return nil }
        let view = await place.board.wait(after: order)
        if let next = view.next(after: order), !Task.isCancelled {
            order = next.order
            return next.snapshot
        }
        if case .refused(let error, _) = view.ending { throw error }
        return nil
    }
}
