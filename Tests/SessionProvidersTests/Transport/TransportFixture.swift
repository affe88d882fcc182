import DaemonProcess
import FakeServices
import FoundationEssentials
import Logging
import SessionCore
import SessionProtocol
import Testing

@testable import SessionProviders

/// A transport of its own, with a log that records everything.
final class TransportFixture: Sendable {
    let log = RecordedLog()
    let folder = TemporaryFolder()
    let transport: HTTPTransport

    init(environment: [String: String] = [:]) {
        transport = HTTPTransport(environment: environment, clock: SystemClock(), logger: log.logger)
    }

    func upstream(_ baseURL: String, caFile: String? = nil, timeoutMs: Int64 = 30_000) -> Upstream {
        transport.upstream(UpstreamSettings(baseURL: baseURL, caFile: caFile, timeoutMs: timeoutMs))
    }

    /// A service that trusts the authority of the test certificates.
    func trusting(_ server: FakeHTTPServer, timeoutMs: Int64 = 30_000) throws -> Upstream {
        upstream(server.baseURL, caFile: try write("ca.pem", FakeCertificates.authority), timeoutMs: timeoutMs)
    }

    func write(_ name: String, _ text: String) throws -> String {
        try text.write(toFile: folder.path(name), atomically: true, encoding: .utf8)
        return folder.path(name)
    }
}

extension Upstream {
    /// The answer's status or the failure, in a word.
    func outcome(_ request: UpstreamRequest = UpstreamRequest(.get, "/")) async -> String {
        do { return "\(try await send(request).status)" } catch { return "\(error)" }
    }
}

extension UpstreamRequest {
    static func post(_ text: String, repeatable: Bool = false) -> UpstreamRequest {
        UpstreamRequest(
            .post, "/v1", headers: ["Content-Type": "application/json"], body: Array(text.utf8),
            isRepeatable: repeatable)
    }
}
