package import SessionProtocol

/// Why the keeper did not do what it was asked; each case is one error kind of docs/protocol.md, section 3.
package enum KeeperError: Error, Sendable, Hashable {
    case notSignedIn(Phase)
    case conflict(revision: Int64)
    case upstreamUnavailable(nextAttemptAt: Int64?)
    case upstreamRejected(reason: String, status: Int?)
    case misconfigured(reason: String)
    case notSupported(method: String)
    case challengeNotFound
    case invalidField(path: String, expected: String)
    case storeFailed
    case keyUnavailable
    case shuttingDown
}

/// The state that a caller believes to be current: compare and set.
package struct Expectation: Sendable, Hashable {
    package var instance: String?
    package var revision: Int64

    package init(instance: String?, revision: Int64) {
        self.instance = instance
        self.revision = revision
    }
}
