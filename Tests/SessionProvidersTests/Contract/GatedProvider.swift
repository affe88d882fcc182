import SessionCore
import SessionProtocol
import Synchronization

/// A provider whose validations' answers a test can hold back, after the service has given them.
final class GatedProvider: SessionProvider {
    private struct State {
        var isHolding = false
        var held: [CheckedContinuation<Void, Never>] = []
        var asked = 0
        var inFlight = 0
        var mostInFlight = 0
    }

    let traits: ProviderTraits
    private let inner: any SessionProvider
    private let state = Mutex(State())
    private let arrivals: AsyncStream<Void>
    private let arrive: AsyncStream<Void>.Continuation

    init(_ inner: any SessionProvider) {
        self.inner = inner
        traits = inner.traits
        (arrivals, arrive) = AsyncStream<Void>.makeStream()
    }

    var asked: Int { state.withLock { $0.asked } }
    var mostInFlight: Int { state.withLock { $0.mostInFlight } }

    /// Holds back answers from now on.
    func hold() { state.withLock { $0.isHolding = true } }

    /// Returns when an answer is held back.
    func heldBack() async { for await _ in arrivals { return } }

    /// Lets all answers through.
    func release() {
        let held = state.withLock { state in
            defer { state.held = [] }
            state.isHolding = false
            return state.held
        }
        for continuation in held { continuation.resume() }
    }

    func validate(_ session: ProviderSession) async -> ProviderOutcome {
        state.withLock { state in
            state.asked += 1
            state.inFlight += 1
            state.mostInFlight = max(state.mostInFlight, state.inFlight)
        }
        let outcome = await inner.validate(session)
        await withCheckedContinuation { continuation in
            let isHeld = state.withLock { state in
                if state.isHolding { state.held.append(continuation) }
                return state.isHolding
            }
            if isHeld { arrive.yield() } else { continuation.resume() }
        }
        state.withLock { $0.inFlight -= 1 }
        return outcome
    }

    func change(_ change: SessionChange, session: ProviderSession?) async -> ProviderOutcome {
        await inner.change(change, session: session)
    }
    func revoke(_ target: RevocationTarget, session: ProviderSession) async -> RevocationOutcome {
        await inner.revoke(target, session: session)
    }
    func tokens(of handedIn: HandedInSession) -> TokenSet { inner.tokens(of: handedIn) }
    func listSessions(_ session: ProviderSession) async -> QueryOutcome<[ListedSession]> {
        await inner.listSessions(session)
    }
    func fetchUser(_ session: ProviderSession) async -> QueryOutcome<JSONValue> { await inner.fetchUser(session) }
    func listAccounts(_ session: ProviderSession) async -> QueryOutcome<AccountList> {
        await inner.listAccounts(session)
    }
    func headers(for session: ProviderSession) -> [String: Secret]? { inner.headers(for: session) }
    func allows(_ question: AccessQuestion, objects: [String: JSONValue]) -> Bool {
        inner.allows(question, objects: objects)
    }
    func alerts(objects: [String: JSONValue]) -> [JSONValue] { inner.alerts(objects: objects) }
    var signInURL: String? { inner.signInURL }
    var hints: AsyncStream<ProviderHint>? { inner.hints }
}

// A failed expectation shows its values with all that they hold: here that would be a whole transport.
extension GatedProvider: CustomReflectable {
    var customMirror: Mirror { Mirror(self, children: []) }
}
