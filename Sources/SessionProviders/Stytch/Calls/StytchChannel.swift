import FoundationEssentials
import SessionCore
import SessionProtocol

/// The way to one project: puts a call into the words of the entrance in use, sends it and reads the answer.
struct StytchChannel: Sendable {
    let project: StytchProject
    let upstream: Upstream
    let telemetry: StytchTelemetry
    /// Unix milliseconds.
    let now: @Sendable () -> Int64

    func ask(_ call: StytchCall, withinMs limitMs: Int64? = nil) async -> StytchAnswer {
        guard let request = request(for: call) else { return .misconfigured(reason: "secret_unavailable") }
        do throws(UpstreamFailure) {
            let answer =
                if let limitMs { try await upstream.send(request, withinMs: limitMs) } else {
                    try await upstream.send(request)
                }
            return StytchAnswer(answer, isWrapped: !project.isServer, now: now())
        } catch {
            switch error {
            case .unreachable, .tooLarge: return .unusable()
            case .untrusted: return .misconfigured(reason: "untrusted_certificate")
            case .unsendable: return .misconfigured(reason: "unsendable_request")
            }
        }
    }

    /// The project's public keys (RFC 7517), which need no authorization.
    func keySet() async -> [UInt8]? {
        guard let id = project.projectID else { return nil }
        let area = project.product == .b2b ? "/b2b" : ""
        let request = UpstreamRequest(
            .get, "/v1\(area)/sessions/jwks/\(StytchCall.escaped(id))", isRepeatable: true)
        guard let answer = try? await upstream.send(request, withinMs: sideCallMs), answer.status == 200 else {
            return nil
        }
        return answer.body
    }

    /// The longest that a question beside the main one may take: the main one's answer waits for it.
    var sideCallMs: Int64 { upstream.sideCallMs }

    /// Whether an answer that came in so much time can wait for a question beside it, and still be in time.
    func canWait(after elapsed: Duration) -> Bool { elapsed < .milliseconds(upstream.settings.timeoutMs / 2) }

    /// The headers of a request in the name of a session. nil where they would hold the project's secret.
    func headers(session: Secret?) -> [String: String]? {
        guard case .sdk(let publicToken, _) = project.entrance else { return nil }
        return sdkHeaders(publicToken: publicToken, session: session)
    }

    private func request(for call: StytchCall) -> UpstreamRequest? {
        switch project.entrance {
        case .sdk(let publicToken, _):
            return UpstreamRequest(
                call.verb, "/sdk/v1" + call.path, headers: sdkHeaders(publicToken: publicToken, session: call.session),
                body: body(call, call.fields), isRepeatable: call.isRepeatable)
        case .server(let projectID, let secret):
            guard let secret = secret() else { return nil }
            var fields = call.fields
            fields["session_token"] = call.session.map { .string($0.reveal()) }
            return UpstreamRequest(
                call.verb, "/v1" + call.path,
                headers: [
                    "Authorization": basic(projectID, secret.reveal()), "Content-Type": "application/json",
                ],
                body: body(call, fields), isRepeatable: call.isRepeatable)
        }
    }

    private func body(_ call: StytchCall, _ fields: [String: JSONValue]) -> [UInt8]? {
        call.verb == .get ? nil : JSONValue.object(fields).encoded
    }

    /// The session token travels only here. The content type must have no `charset`: Stytch refuses it.
    private func sdkHeaders(publicToken: String, session: Secret?) -> [String: String] {
        [
            "Authorization": basic(publicToken, session?.reveal() ?? publicToken),
            "Content-Type": "application/json",
            "X-SDK-Client": telemetry.header(at: now()),
        ]
    }

    private func basic(_ user: String, _ password: String) -> String {
        "Basic " + Data("\(user):\(password)".utf8).base64EncodedString()
    }
}
