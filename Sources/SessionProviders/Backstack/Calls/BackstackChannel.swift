import SessionCore
import SessionProtocol

/// The way to Backstack: sends a call and reads the answer.
struct BackstackChannel: Sendable {
    let service: BackstackService
    let upstream: any UpstreamSending
    /// Unix milliseconds.
    let now: @Sendable () -> Int64
    /// What several calls for one answer to the keeper share; nil: each has the whole.
    private var time: CallTime?

    init(service: BackstackService, upstream: any UpstreamSending, now: @escaping @Sendable () -> Int64) {
        self.service = service
        self.upstream = upstream
        self.now = now
    }

    /// The way for the calls of one answer to the keeper, whose time begins now. What came after it would be dropped,
    /// and with it the jwt of the calls before.
    func begun() -> BackstackChannel {
        var channel = self
        channel.time = CallTime(upstream)
        return channel
    }

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
            let answer = try await upstream.send(
                request, withinMs: min(limitMs ?? upstream.timeoutMs, time?.leftMs ?? .max))
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
        var first = await ask(call, as: credential)
        first.jwt = first.jwt ?? credential.jwt
        guard case .reply(let payload) = first.content else { return first }
        let isSession = BackstackSession(payload).isSession
        let isElsewhere = !isSession && call.path != BackstackCall.session.path
        if !isSession { first.content = .unusable() }
        guard first.status == .stale || isElsewhere, let jwt = first.jwt else { return first }
        var second = await ask(.session, as: .jwt(jwt), withinMs: upstream.sideCallMs)
        second.jwt = second.jwt ?? jwt
        if case .reply(let newer) = second.content {
            if BackstackSession(newer).isSession {
                // However often it says so.
                second.status = .current
                return second
            }
            second.content = .unusable()
        }
        if isSession {
            second.content = first.content
            second.status = first.status
        }
        return second
    }

    /// What every request in the name of a session carries. Authorization has no scheme.
    func headers(_ credential: Secret) -> [String: Secret] {
        var headers = ["Authorization": credential]
        headers["Content-Type"] = Secret("application/json")
        headers["X-Provider-ID"] = Secret(service.providerID)
        return headers
    }
}
