/// The protocol's limits (docs/protocol.md, sections 1, 2 and 7). `server.hello` tells them to clients.
package struct Limits: Sendable, Hashable {
    /// The longest request line, without its line feed.
    package var maxRequestBytes = 65_536
    /// The longest line that the server sends, without its line feed.
    package var maxReplyBytes = 1 << 20
    /// The deepest nesting; the top level is level 1.
    package var maxDepth = 32
    /// JSON values in one line, containers included, member names not.
    package var maxValues = 4096
    package var maxBatch = 32
    /// Slow calls that one connection may have running before the server stops reading from it.
    package var maxInFlight = 32
    /// Subscriptions of one connection.
    package var maxSubscriptions = 8
    package var maxConnectionsPerUser = 64
    package var maxConnections = 512
    /// Malformed lines in a row before the connection is closed.
    package var maxBadLines = 8
    /// The longest string id, in bytes after unescaping.
    package var maxIDBytes = 128
    /// A partial line that stays unfinished for so long closes the connection.
    package var partialLineTimeoutMs: Int64 = 30_000
    /// Output that stays unread for so long closes the connection.
    package var stuckOutputTimeoutMs: Int64 = 30_000

    package init() {}
}
