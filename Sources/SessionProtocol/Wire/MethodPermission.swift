/// What a peer may do (docs/protocol.md, section 5).
package enum Permission: String, Sendable, Hashable, CaseIterable {
    /// See state and objects.
    case read
    /// Receive credentials.
    case token
    /// Sign in and out, change, extend.
    case control
    /// The daemon itself.
    case admin
}
