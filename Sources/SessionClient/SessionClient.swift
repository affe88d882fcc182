@_exported public import SessionProtocol

/// A connection to the machine's `sessiond`.
///
/// Any number of calls and watches share one connection, from any task. It is made again by itself when the daemon
/// restarts; a lost connection says nothing about the session, and is never taken for a sign-out. The connection ends
/// with `close`, or when nobody holds the client any more.
public final class SessionClient: Sendable {
    let link: Link
    let caches = ProfileCaches()

    init(link: Link) { self.link = link }

    deinit { link.close() }

    /// Connects. Without a path: `$SESSIOND_SOCKET`, the user's socket, the system's.
    ///
    /// Throws `unavailable` where nobody listens, `permissionDenied` where the socket's owner does not let this user
    /// in, and `untrustedServer` where somebody else than the daemon serves the socket.
    public static func connect(to path: String? = nil) async throws(SessionError) -> SessionClient {
        try await connect(to: path.map { [$0] } ?? SocketLocation.candidates(), trust: .kernel)
    }

    /// `firstWait` is the wait before the first attempt to connect again, in milliseconds.
    static func connect(
        to paths: [String], trust: ServerTrust, firstWait: Int64 = 50
    ) async throws(SessionError) -> SessionClient {
        let client = SessionClient(link: try Link(paths: paths, trust: trust, firstWait: firstWait))
        try await client.link.open()
        return client
    }

    /// Where the daemon's socket was found.
    public var socketPath: String? { link.path }

    /// Carries out one method of the wire protocol (docs/protocol.md, section 6).
    ///
    /// Throws `unavailable` where the connection broke before the answer came: a change may then have happened, so it
    /// is not sent again. A cancelled task gets `cancelled` at once; a change that had begun is carried out to its end.
    @discardableResult
    public func call(_ method: String, _ params: [String: JSONValue] = [:]) async throws(SessionError) -> JSONValue {
        try await link.call(method, params)
    }

    /// Ends the connection. Calls in flight throw `unavailable`, and watches end.
    public func close() { link.close() }
}
