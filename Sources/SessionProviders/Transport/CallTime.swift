/// The time for one answer to the keeper, which several calls may have to share. A little shorter than the keeper's own
/// limit: what comes after that is dropped, and with it what was found out.
struct CallTime: Sendable {
    private let upstream: any UpstreamSending
    private let totalMs: Int64
    private let endMs: Int64

    /// Begins now.
    init(_ upstream: any UpstreamSending) {
        self.upstream = upstream
        totalMs = upstream.timeoutMs - upstream.timeoutMs / 20
        endMs = upstream.uptimeMs + totalMs
    }

    var leftMs: Int64 { endMs - upstream.uptimeMs }

    /// What a call may take at most that others are to follow.
    var halfMs: Int64 { totalMs / 2 }
}
