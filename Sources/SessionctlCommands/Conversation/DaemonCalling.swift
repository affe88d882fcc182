package import SessionClient
package import SessionProtocol

/// The daemon, as verbs see it.
package protocol DaemonCalling: Sendable {
    /// Carries out one method of the wire protocol.
    func call(_ method: String, _ params: [String: JSONValue]) async throws(SessionError) -> JSONValue
    /// The states of a profile (nil: the default profile), the present one first.
    func changes(of profile: String?) -> AsyncThrowingStream<Snapshot, any Error>
    /// The states of every profile that this user may read, the present ones first.
    func changesOfAllProfiles() -> AsyncThrowingStream<Snapshot, any Error>
    /// Where the daemon's socket was found.
    var socketPath: String? { get }
    /// Ends the connection; calls that wait fail as `unavailable`.
    func close()
}

extension SessionClient: DaemonCalling {}

/// Connects to the daemon at a path; nil for the places where a client looks.
package typealias Connecting = @Sendable (_ path: String?) async throws(SessionError) -> any DaemonCalling
