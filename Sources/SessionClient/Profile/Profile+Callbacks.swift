public import SessionProtocol

/// Ends a callback. Need not be kept: a callback goes on until it is cancelled or the client closed, and holds the
/// client meanwhile.
public final class ChangeSubscription: Sendable {
    private let task: Task<Void, Never>

    init(task: Task<Void, Never>) { self.task = task }

    /// No call begins after this, but one that has begun goes on.
    public func cancel() { task.cancel() }
}

extension SessionClient.Profile {
    /// Calls back with the session's present state and after every change, one call at a time.
    @discardableResult
    public func onSessionChange(_ body: @escaping @Sendable (ObjectInfo) async -> Void) -> ChangeSubscription {
        onChange(of: .session, body)
    }

    /// Calls back with the user's present state and after every change, one call at a time.
    @discardableResult
    public func onUserChange(_ body: @escaping @Sendable (ObjectInfo) async -> Void) -> ChangeSubscription {
        onChange(of: .user, body)
    }

    /// Calls back with an object's present state and after every change, one call at a time.
    @discardableResult
    public func onChange(
        of object: ObjectName, _ body: @escaping @Sendable (ObjectInfo) async -> Void
    ) -> ChangeSubscription {
        let changes = changes(of: object)
        return ChangeSubscription(
            task: Task {
                for await info in changes where !Task.isCancelled { await body(info) }
            })
    }
}
