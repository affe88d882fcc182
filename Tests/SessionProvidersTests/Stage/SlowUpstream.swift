import SessionProviders
import Synchronization

/// A way on which some calls hang for as long as they may. Only they take time, and none of the test's.
final class SlowUpstream: UpstreamSending {
    private struct State {
        var uptimeMs: Int64 = 0
        var hanging: [String: Int] = [:]
        var hung: [String] = []
    }

    private let upstream: Upstream
    private let state = Mutex(State())
    let timeoutMs: Int64

    init(_ upstream: Upstream, timeoutMs: Int64) {
        self.upstream = upstream
        self.timeoutMs = timeoutMs
    }

    var baseURL: String { upstream.baseURL }
    var uptimeMs: Int64 { state.withLock { $0.uptimeMs } }
    /// What has hung, by the end of its path.
    var hung: [String] { state.withLock { $0.hung } }

    /// Lets the next calls whose path ends so hang.
    func hang(_ path: String, times: Int = .max) { state.withLock { $0.hanging[path] = times } }

    func send(_ request: UpstreamRequest, withinMs limit: Int64) async throws(UpstreamFailure) -> UpstreamAnswer {
        let hangs = state.withLock { state in
            let called = request.path.prefix { $0 != "?" }
            guard let path = state.hanging.keys.first(where: called.hasSuffix), state.hanging[path] ?? 0 > 0 else {
                return false
            }
            state.hanging[path, default: 1] -= 1
            state.hung.append(path)
            state.uptimeMs += max(0, min(limit, timeoutMs))
            return true
        }
        if hangs || limit <= 0 { throw .unreachable }
        return try await upstream.send(request)
    }
}
