import Glibc
import Testing

@testable import Systemd

@Suite("Connections that wait")
struct WaitingConnectionTests {
    @Test("clients that wait are turned away, and the next one finds the socket still listening")
    func turnAway() throws {
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        let address = try #require(NotifyAddress("@sessiond-waiting-\(getpid())"))
        try #require(address.bind(listener) == 0 && listen(listener, 16) == 0)
        let clients = (0..<5).map { _ in Self.client(of: listener) }
        defer { for client in clients { close(client) } }
        try #require(clients.allSatisfy { $0 >= 0 })

        InheritedSocket(descriptor: listener, name: "sessiond").turnAwayWaiting()

        var byte: UInt8 = 0
        for client in clients { #expect(read(client, &byte, 1) == 0) }
        let late = Self.client(of: listener)
        #expect(late >= 0)
        close(late)
    }

    /// A descriptor that is connected to the listener, or -1.
    private static func client(of listener: Int32) -> Int32 {
        var address = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let client = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                getsockname(listener, address, &size) == 0 ? connect(client, address, size) : -1
            }
        }
        guard result == 0 else {
            close(client)
            return -1
        }
        return client
    }
}
