import Glibc
import SessionProtocol
import SessionServer
import Testing

@Suite("Out of descriptors")
struct DescriptorTests {
    private struct NoAnswer: Error {}

    /// Uses up the descriptors of this process with connections, gives some back, and connects again.
    private static func exhaust() async throws {
        let server = try await TestServer([FakeProfile()])
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = 64
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        // Served before the others take what is left, half of it for their own ends.
        var clients = [try server.connect()]
        guard try await clients[0].call("server.ping")["result"] != nil else { throw NoAnswer() }
        while clients.count < 64 {
            do { clients.append(try server.connect()) } catch { break }
        }
        guard clients.count < 64 else { throw NoAnswer() }
        guard try await clients[0].call("server.ping")["result"] != nil else { throw NoAnswer() }
        clients.removeLast(clients.count - 4)
        guard try await server.connect().call("server.ping")["result"] != nil else { throw NoAnswer() }
        await server.server.shutdown()
    }

    @Test("the server goes on serving, and accepts again when there are descriptors")
    func exhaustion() async {
        await #expect(processExitsWith: .success) { try await Self.exhaust() }
    }
}
