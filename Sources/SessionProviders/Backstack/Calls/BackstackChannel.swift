import SessionCore
import SessionProtocol

/// The way to Backstack: sends a call and reads the answer.
struct BackstackChannel: Sendable {
    let service: BackstackService
    let upstream: any UpstreamSending
    /// Unix milliseconds.
    let now: @Sendable () -> Int64

    func ask(_ call: BackstackCall, as credential: BackstackCredential, withinMs limitMs: Int64? = nil) async
        -> BackstackAnswer
    {
        let secret: Secret
        switch credential {
        case .jwt(let jwt): secret = jwt
        case .appKey:
            guard let key = service.appKey() else {
                return BackstackAnswer(.misconfigured(reason: "app_key_unavailable"))
            }
            secret = key
        }
        let request = UpstreamRequest(
            call.verb, call.path, headers: headers(secret).mapValues { $0.reveal() }, body: call.body?.encoded,
            isRepeatable: call.isRepeatable)
        do throws(UpstreamFailure) {
            let answer = try await upstream.send(request, withinMs: limitMs ?? upstream.timeoutMs)
            return BackstackAnswer(answer, now: now())
        } catch {
            switch error {
            case .unreachable, .tooLarge: return BackstackAnswer(.unusable())
            case .untrusted: return BackstackAnswer(.misconfigured(reason: "untrusted_certificate"))
            case .unsendable: return BackstackAnswer(.misconfigured(reason: "unsendable_request"))
            }
        }
    }

    /// Asks a call whose answer is the session, and once more for the session where the answer is none, or says that
    /// it is stale. The answer's `jwt` is then the one to use from now on, also where it has brought none.
    func session(_ call: BackstackCall, as credential: BackstackCredential) async -> BackstackAnswer {
        let start = upstream.uptimeMs
        var first = await ask(call, as: credential)
        first.jwt = first.jwt ?? credential.jwt
        guard case .reply(let payload) = first.content else { return first }
        let isSession = BackstackSession(payload).isSession
        let isElsewhere = !isSession && call.path != BackstackCall.session.path
        if !isSession { first.content = .unusable() }
        guard first.status == .stale || isElsewhere, let jwt = first.jwt, canWait(afterMs: upstream.uptimeMs - start)
        else {
            return first
        }
        var second = await ask(.session, as: .jwt(jwt), withinMs: upstream.sideCallMs)
        second.jwt = second.jwt ?? jwt
        if case .reply(let newer) = second.content {
            if BackstackSession(newer).isSession { return second }
            second.content = .unusable()
        }
        if isSession { second.content = first.content }
        return second
    }

    /// What every request in the name of a session carries. Authorization has no scheme.
    func headers(_ credential: Secret) -> [String: Secret] {
        var headers = ["Authorization": credential]
        headers["Content-Type"] = Secret("application/json")
        headers["X-Provider-ID"] = Secret(service.providerID)
        return headers
    }

    /// Whether an answer that came in so much time can wait for a question beside it, and still be in time.
    private func canWait(afterMs elapsed: Int64) -> Bool { elapsed < upstream.timeoutMs / 2 }
}
