import SessionProtocol
import Testing

@testable import SessionClient

@Suite("Connections that break at any moment", .timeLimit(.minutes(2)))
struct DisconnectTests {
    @Test("over 200 disconnects at random bytes and restarts the final state is never lost", arguments: [1, 2, 3])
    func finalState(seed: UInt64) async throws {
        var random = SplitMix64(state: seed)
        let daemon = try FakeDaemon()
        let client = try await daemon.client()
        let profile = client.profile()
        var sessions = profile.sessionChanges.makeAsyncIterator()
        var shown = try #require(await sessions.next()?.number)
        var number: Int64 = 0
        for round in 0..<200 {
            let changes = Int.random(in: 1...3, using: &random)
            let kind = Int.random(in: 0..<5, using: &random)
            if kind < 2 {
                daemon.cutAll(after: Int.random(in: 1...1500, using: &random))
            }
            for _ in 0..<changes {
                number += 1
                daemon.publish { [number] in $0.number = number }
            }
            switch kind {
            case 2: daemon.dropAll()
            case 3: try daemon.restart()
            case 4:
                // The next connection breaks while it is being set up.
                daemon.budget(Int.random(in: 1...900, using: &random))
                daemon.dropAll()
            default: break
            }
            // Whatever broke, the newest state arrives; none on the way is older than one before.
            while shown < number {
                let next = try #require(await sessions.next()?.number, "round \(round)")
                #expect(next > shown, "round \(round)")
                shown = next
            }
        }
        #expect(daemon.opened > 50)
    }

    @Test("nothing stays behind when the last reference goes: thread, descriptors, connection")
    func noLeaks() async throws {
        let daemon = try FakeDaemon()
        weak var link: Link?
        do {
            let client = try await daemon.client()
            link = client.link
            var sessions = client.profile().sessionChanges.makeAsyncIterator()
            _ = await sessions.next()
            _ = client.profile().cachedSession
            let subscription = client.profile().onSessionChange { _ in }
            subscription.cancel()
            #expect(link != nil)
        }
        // The thread holds the link and the link its descriptors, so the link's end is the end of all of them.
        while link != nil { await Task.yield() }
        while daemon.isConnected { await Task.yield() }
    }
}
