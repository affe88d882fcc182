import SessionCore
import SessionProtocol
import Synchronization

/// The way to one environment: puts a call into HTTP, sends it and reads the answer.
struct AgnostChannel: Sendable {
    let service: AgnostService
    let upstream: any UpstreamSending
    /// Unix milliseconds.
    let now: @Sendable () -> Int64
    private let latestKey = LatestKey()

    init(service: AgnostService, upstream: any UpstreamSending, now: @escaping @Sendable () -> Int64) {
        self.service = service
        self.upstream = upstream
        self.now = now
    }

    func ask(_ call: AgnostCall, withinMs limitMs: Int64? = nil) async -> AgnostAnswer {
        var headers = ["X-Client": Self.client]
        let key = service.apiKey()
        latestKey.set(key)
        if key == nil, call.needsKey { return .misconfigured(reason: "api_key_unavailable") }
        headers["Authorization"] = key?.reveal()
        headers["Session"] = call.session?.reveal()
        let body = call.fields.map { JSONValue.object($0).encoded }
        if body != nil { headers["Content-Type"] = "application/json" }
        let request = UpstreamRequest(
            call.verb, service.pathPrefix + call.path, headers: headers, body: body, isRepeatable: call.isRepeatable)
        do throws(UpstreamFailure) {
            let answer = try await upstream.send(request, withinMs: limitMs ?? upstream.timeoutMs)
            return AgnostAnswer(
                answer, mayBeEmptyOfMeaning: call.mayAnswerNothing,
                secrets: call.secrets.union([key?.reveal()].compactMap { $0 }), now: now())
        } catch {
            switch error {
            case .unreachable, .tooLarge: return .unusable()
            case .untrusted: return .misconfigured(reason: "untrusted_certificate")
            case .unsendable: return .misconfigured(reason: "unsendable_request")
            }
        }
    }

    /// What the official client sends with every request to the app's endpoints. Without a key where it cannot be had:
    /// the service then says that it is missing.
    func headers(session: Secret?) -> [String: Secret] {
        ["Authorization": latestKey.key ?? service.apiKey(), "X-Client": Secret(Self.client), "Session": session]
            // With a line break it would be more than one header to who writes it down as it is.
            .compactMapValues { $0 }.filter { $0.value.reveal().utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } }
    }

    var sideCallMs: Int64 { upstream.sideCallMs }

    /// The time for an answer to the keeper that begins now.
    func time() -> CallTime { CallTime(upstream) }

    /// The official client's name of itself.
    private static let client = "agnost-js"
}

/// The API key that was sent last: reads, which must not wait for a disk, hand out this one.
private final class LatestKey: Sendable {
    private let state = Mutex<Secret?>(nil)

    var key: Secret? { state.withLock { $0 } }
    func set(_ key: Secret?) { state.withLock { $0 = key } }
}
