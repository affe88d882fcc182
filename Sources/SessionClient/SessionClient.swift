public import SessionProtocol

/// A connection to the machine's `sessiond`.
public final class SessionClient: Sendable {
    /// Connects. Without a path: `$SESSIOND_SOCKET`, the user's socket, the system's.
    public static func connect(to path: String? = nil) async throws(SessionError) -> SessionClient {
        throw SessionError(kind: .unavailable, message: "not connected")
    }

    /// Carries out one method of the wire protocol (docs/protocol.md, section 6).
    public func call(_ method: String, _ params: [String: JSONValue] = [:]) async throws(SessionError) -> JSONValue {
        throw SessionError(kind: .unavailable, message: "not connected")
    }

    /// The states of a profile (nil: the default profile), the present one first. Reconnects by itself.
    public func changes(of profile: String? = nil) -> AsyncThrowingStream<Snapshot, any Error> {
        AsyncThrowingStream { $0.finish() }
    }

    /// Ends the connection.
    public func close() {}
}
