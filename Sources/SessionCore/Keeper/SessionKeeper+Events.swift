import Logging
import SessionProtocol

extension SessionKeeper {
    /// Tells that the session has ended, whatever ended it: time, the auth service's word, a client.
    ///
    /// Called after every event, once what has become of it is published.
    func tellEnd(wasHeld: Bool) {
        guard wasHeld, case .vacant(let departure) = machine.tenure else { return }
        switch departure.cause.kind {
        case .expired: logger.event(.sessionExpired, "the session has expired")
        case .endedElsewhere: logger.event(.sessionEnded, "the auth service says that the session is gone")
        default: logger.event(.signedOut, "signed out", metadata: ["cause": "\(departure.cause.kind.rawValue)"])
        }
    }
}
