import SessionCore
import SessionProtocol

extension RPCError {
    /// How the wire says what a keeper could not do. `provider` is the profile's, `method` the wire name of the call.
    static func keeper(_ error: KeeperError, provider: String, method: Method) -> RPCError {
        switch error {
        case .notSignedIn(.sealed): .keyUnavailable
        case .notSignedIn(let phase): .notSignedIn(phase)
        case .conflict(let revision): .conflict(revision: revision)
        case .upstreamUnavailable(let nextAttemptAt): .upstreamUnavailable(nextAttemptAt: nextAttemptAt)
        case .upstreamRejected(let reason, let status): .upstreamRejected(reason: reason, status: status)
        case .misconfigured(let reason): .misconfigured(reason: reason)
        case .notSupported: .notSupported(provider: provider, method: method.rawValue)
        case .challengeNotFound: .challengeNotFound
        case .invalidField(let path, let expected): .invalidParams(path: path, expected: expected)
        case .storeFailed: .storeFailed
        case .keyUnavailable: .keyUnavailable
        case .shuttingDown: .shuttingDown
        }
    }

    /// How the wire says what the authority's administration could not do.
    static func administration(_ error: AdministrationError) -> RPCError {
        switch error {
        case .rejected(let reason): .upstreamRejected(reason: reason, status: nil)
        case .invalidField(let path, let expected): .invalidParams(path: path, expected: expected)
        case .storeFailed: .storeFailed
        }
    }
}
