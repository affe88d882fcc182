import AsyncHTTPClient
import Logging
import NIOCore
import NIOHTTP1
import SessionCore

/// One auth service, to be asked over HTTP.
package struct Upstream: Sendable {
    /// What an answer's body may hold. Real ones are under 64 KiB.
    static let largestBody = 768 << 10
    /// The longest limit of a call that is obeyed.
    private static let longestMs: Int64 = 3_600_000

    let transport: HTTPTransport
    let settings: UpstreamSettings
    let address: UpstreamAddress?
    let route: ProxyRules.Route

    /// The answer, whatever its status: a redirect too is one. Ends with `.unreachable` after the settings' `timeoutMs`
    /// and when the task is cancelled.
    package func send(_ request: UpstreamRequest) async throws(UpstreamFailure) -> UpstreamAnswer {
        try await send(request, withinMs: settings.timeoutMs)
    }

    /// The same with a shorter limit than the settings'.
    package func send(
        _ request: UpstreamRequest, withinMs limit: Int64
    ) async throws(UpstreamFailure) -> UpstreamAnswer {
        let limit = min(limit, settings.timeoutMs, Self.longestMs)
        let outcome: Result<UpstreamAnswer, UpstreamFailure> =
            limit > 0 ? await race(request, limitMs: limit) : .failure(.unreachable)
        if case .failure(let failure) = outcome {
            transport.logger.debug(
                "An auth service gave no answer",
                metadata: ["host": "\(address?.host ?? "")", "failure": "\(failure)"])
        }
        return try outcome.get()
    }

    /// The client's own deadline ends with the answer's head: a body that trickles would have none.
    private func race(_ request: UpstreamRequest, limitMs: Int64) async -> Result<UpstreamAnswer, UpstreamFailure> {
        let deadline = NIODeadline.now() + .milliseconds(limitMs)
        let race = Race<Result<UpstreamAnswer, UpstreamFailure>>()
        let clock = transport.clock
        return await withTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    race.finish(with: .success(try await exchange(request, deadline: deadline)))
                } catch {
                    race.finish(with: .failure(UpstreamFailure(error)))
                }
            }
            let alarm = clock.alarm(at: Wake(boot: clock.now().boot + limitMs)) {
                race.finish(with: .failure(.unreachable))
            }
            let outcome = await withTaskCancellationHandler {
                await race.first()
            } onCancel: {
                race.finish(with: .failure(.unreachable))
            }
            alarm.cancel()
            group.cancelAll()
            return outcome
        }
    }

    private func exchange(_ request: UpstreamRequest, deadline: NIODeadline) async throws -> UpstreamAnswer {
        try Task.checkCancellation()
        let prepared = try prepare(request)
        let connectMs = min(settings.timeoutMs, 10_000)
        guard let client = transport.pool.client(for: route, connectMs: connectMs) else {
            throw UpstreamFailure.unreachable
        }
        do {
            return try await attempt(prepared, with: client, deadline: deadline)
        } catch let error where request.isRepeatable && Self.isOfKeptConnection(error) {
            try Task.checkCancellation()
            return try await attempt(prepared, with: client, deadline: deadline)
        }
    }

    private func prepare(_ request: UpstreamRequest) throws(UpstreamFailure) -> HTTPClientRequest {
        guard let address, let path = request.checkedPath, var headers = request.checkedHeaders else {
            throw .unsendable
        }
        var authority = address.authority
        if case .forward(let proxy) = route {
            // ForwardProxyHandler makes the service's URL of the two.
            headers.replaceOrAdd(name: "Host", value: authority)
            authority = proxy.authority
        }
        var prepared = HTTPClientRequest(
            url: "\(address.isEncrypted ? "https" : "http")://\(authority)\(address.path)\(path)")
        prepared.method = HTTPMethod(rawValue: request.verb.rawValue)
        prepared.headers = headers
        prepared.body = request.body.map { .bytes(ByteBuffer(bytes: $0)) }
        if address.isEncrypted {
            prepared.tlsConfiguration = try transport.trust.configuration(caFile: settings.caFile)
        }
        return prepared
    }

    private func attempt(
        _ request: HTTPClientRequest, with client: HTTPClient, deadline: NIODeadline
    ) async throws -> UpstreamAnswer {
        // Without a logger the client logs nothing: at trace it would log headers.
        let response = try await client.execute(request, deadline: deadline, logger: nil)
        if case .forward = route, response.status == .proxyAuthenticationRequired { throw UpstreamFailure.unreachable }
        if let length = response.headers.first(name: "content-length").flatMap(Int.init), length > Self.largestBody {
            throw UpstreamFailure.tooLarge
        }
        var answer = UpstreamAnswer(status: Int(response.status.code))
        for (name, value) in response.headers where answer.headers[name.lowercased()] == nil {
            answer.headers[name.lowercased()] = value
        }
        for try await part in response.body {
            guard answer.body.count + part.readableBytes <= Self.largestBody else { throw UpstreamFailure.tooLarge }
            answer.body += part.readableBytesView
        }
        return answer
    }

    /// Also where the connection was found closed before a byte was written.
    private static func isOfKeptConnection(_ error: any Error) -> Bool {
        switch error {
        case is KeptConnectionClosed, ChannelError.ioOnClosedChannel: true
        default: false
        }
    }
}
