import SessionCore
import SessionProtocol
import Synchronization

/// The project's policy, fetched beside the calls that confirm a session, and never in their way.
///
/// A fetch that fails changes nothing: the policy that was had before stays in use.
final class StytchPolicySource: Sendable {
    private struct State {
        var policy: JSONValue?
        /// When the last fetch began: spaces fetches out, and nothing else depends on it.
        var lastAttempt: ContinuousClock.Instant?
        var fetch: Task<Void, Never>?
    }

    private let state = Mutex(State())
    private let channel: StytchChannel

    init(channel: StytchChannel) { self.channel = channel }

    /// The policy's age at which it is fetched anew; a failed fetch is repeated after a tenth of it.
    private static let maximumAge = Duration.seconds(300)

    var latest: JSONValue? { state.withLock { $0.policy } }

    /// Begins a fetch where it is time for one.
    func refresh() {
        state.withLock { state in
            let age = state.lastAttempt.map { ContinuousClock.now - $0 }
            let limit = state.policy == nil ? Self.maximumAge / 10 : Self.maximumAge
            guard state.fetch == nil, age.map({ $0 >= limit }) ?? true else { return }
            state.lastAttempt = .now
            state.fetch = Task { await self.fetch() }
        }
    }

    /// The policy; where none has been had yet, waits for the fetch that is under way, which has a short limit.
    func first() async -> JSONValue? {
        let (policy, fetch) = state.withLock { ($0.policy, $0.fetch) }
        if let policy { return policy }
        await fetch?.value
        return latest
    }

    private func fetch() async {
        let answer = await channel.ask(call, withinMs: channel.sideCallMs)
        state.withLock { state in
            state.fetch = nil
            guard case .data(let data) = answer else { return }
            let policy = channel.project.isServer ? data["policy"] : data["rbac_policy"]
            // A project without roles has none: that is an answer too.
            state.policy = policy?.objectValue == nil ? ["roles": []] : policy
        }
    }

    private var call: StytchCall {
        switch channel.project.entrance {
        case .sdk(let publicToken, _): .get("/projects/bootstrap/\(StytchCall.escaped(publicToken))")
        case .server: .get(channel.project.product == .b2b ? "/b2b/rbac/policy" : "/rbac/policy")
        }
    }
}
