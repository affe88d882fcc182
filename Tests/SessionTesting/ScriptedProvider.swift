package import SessionCore
package import SessionProtocol
import Synchronization

/// A provider whose every call waits until the test answers it, or is answered by a rule.
package final class ScriptedProvider: SessionProvider {
    /// What was asked.
    package enum Question: Sendable {
        case validate
        case change(SessionChange)
        case revoke(RevocationTarget)
        case listSessions
        case fetchUser
    }

    /// One call that waits for its answer.
    package final class Call: Sendable {
        package let question: Question
        package let session: ProviderSession?
        private let continuation: Mutex<CheckedContinuation<Answer, Never>?>

        fileprivate init(
            _ question: Question, _ session: ProviderSession?, _ continuation: CheckedContinuation<Answer, Never>?
        ) {
            self.question = question
            self.session = session
            self.continuation = Mutex(continuation)
        }

        package func answer(_ outcome: ProviderOutcome) { finish(Answer(outcome: outcome)) }
        package func answer(revocation outcome: RevocationOutcome) { finish(Answer(revocation: outcome)) }
        package func answer(user: JSONValue) { finish(Answer(query: .answer(user))) }
        package func answer(query: QueryOutcome<JSONValue>) { finish(Answer(query: query)) }
        fileprivate func finish(_ answer: Answer) {
            continuation.withLock { $0.take() }?.resume(returning: answer)
        }
    }

    package struct Answer: Sendable {
        var outcome: ProviderOutcome = .unreachable()
        var revocation: RevocationOutcome = .unreachable()
        var query: QueryOutcome<JSONValue> = .unreachable()

        package init(
            outcome: ProviderOutcome = .unreachable(), revocation: RevocationOutcome = .unreachable(),
            query: QueryOutcome<JSONValue> = .unreachable()
        ) {
            self.outcome = outcome
            self.revocation = revocation
            self.query = query
        }
    }

    /// Answers a call at once; nil leaves it to the test.
    package typealias Rule = @Sendable (Question, ProviderSession?) -> Answer?

    private struct State {
        var rule: Rule?
        var calls: [Call] = []
        var takers: [(id: String, continuation: CheckedContinuation<Call, Never>)] = []
        var askedCount = 0
        var inFlight = 0
        var mostInFlight = 0
    }
    private let state: Mutex<State>
    package let traits: ProviderTraits
    package let hints: AsyncStream<ProviderHint>?
    package let hint: AsyncStream<ProviderHint>.Continuation

    package init(traits: ProviderTraits = .scripted, rule: Rule? = nil) {
        self.traits = traits
        state = Mutex(State(rule: rule))
        let (stream, continuation) = AsyncStream<ProviderHint>.makeStream()
        hints = stream
        hint = continuation
    }

    /// The next call that waits for an answer, in the order of arrival. When the test has run out of time, a call that
    /// nobody made, so that its expectations say what is missing.
    package func nextCall() async -> Call {
        let id = newIdentifier()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let call: Call? = state.withLock { state in
                    if Task.isCancelled { return Call(.validate, nil, nil) }
                    if state.calls.isEmpty {
                        state.takers.append((id, continuation))
                        return nil
                    }
                    return state.calls.removeFirst()
                }
                if let call { continuation.resume(returning: call) }
            }
        } onCancel: {
            let taker = state.withLock { state in
                state.takers.firstIndex { $0.id == id }.map { state.takers.remove(at: $0) }
            }
            taker?.continuation.resume(returning: Call(.validate, nil, nil))
        }
    }

    package func answerAll(by rule: Rule?) { state.withLock { $0.rule = rule } }
    package var askedCount: Int { state.withLock { $0.askedCount } }
    package var mostInFlight: Int { state.withLock { $0.mostInFlight } }
    package var waitingCount: Int { state.withLock { $0.calls.count } }

    private func ask(_ question: Question, _ session: ProviderSession?) async -> Answer {
        let rule = state.withLock { state in
            state.askedCount += 1
            state.inFlight += 1
            state.mostInFlight = max(state.mostInFlight, state.inFlight)
            return state.rule
        }
        defer { state.withLock { $0.inFlight -= 1 } }
        if let answer = rule?(question, session) {
            await Task.yield()
            return answer
        }
        return await withCheckedContinuation { continuation in
            let call = Call(question, session, continuation)
            let taker: CheckedContinuation<Call, Never>? = state.withLock { state in
                if state.takers.isEmpty {
                    state.calls.append(call)
                    return nil
                }
                return state.takers.removeFirst().continuation
            }
            taker?.resume(returning: call)
        }
    }

    package func validate(_ session: ProviderSession) async -> ProviderOutcome {
        await ask(.validate, session).outcome
    }
    package func change(_ change: SessionChange, session: ProviderSession?) async -> ProviderOutcome {
        await ask(.change(change), session).outcome
    }
    package func revoke(_ target: RevocationTarget, session: ProviderSession) async -> RevocationOutcome {
        await ask(.revoke(target), session).revocation
    }
    package func fetchUser(_ session: ProviderSession) async -> QueryOutcome<JSONValue> {
        await ask(.fetchUser, session).query
    }
    /// What this provider reads in any JWT that is handed in.
    package static let handedInJWTEnd: Int64 = 1_763_750_300_000

    package func tokens(of handedIn: HandedInSession) -> TokenSet {
        TokenSet(
            sessionToken: handedIn.sessionToken, sessionJwt: handedIn.sessionJwt,
            jwtExpiresAt: handedIn.sessionJwt.map { _ in Self.handedInJWTEnd })
    }
    /// Grants a requirement that is the name of an object at hand.
    package func allows(_ question: AccessQuestion, objects: [String: JSONValue]) -> Bool {
        guard case .requirement(let name) = question else { return false }
        return objects[name] != nil
    }
    package func headers(for session: ProviderSession) -> [String: Secret]? {
        session.tokens.sessionToken.map { ["Session": $0] }
    }
}

extension ProviderTraits {
    /// A provider that can do everything that the keeper can ask for.
    package static var scripted: ProviderTraits {
        var traits = ProviderTraits(
            name: "scripted", objects: ["session", "user"],
            operations: [
                .signUp, .exchangeAccessToken, .exchangeOrganization, .extend, .listSessions, .revokeOthers,
                .revokeAll, .revokeByID, .lock, .accounts, .fetchUser, .updateUser, .headers, .accessCheck, .alerts,
                .update,
            ])
        traits.bookkeepingMembers = ["session": ["lastSeenAt"]]
        traits.signInMethods = ["password": FieldSet(required: ["username", "password"])]
        return traits
    }
}
