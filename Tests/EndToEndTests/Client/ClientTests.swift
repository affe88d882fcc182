import SessionClient
import Testing

extension Clients {
    @Suite("SessionClient and the real daemon", .timeLimit(.minutes(1)))
    struct ClientTests {
        private static func signIn(_ client: SessionClient) async throws {
            let token = try await client.authority().grant(username: Seed.username)
            let result = try await client.profile().exchange(accessToken: token.reveal())
            #expect(result.outcome == .signedIn)
        }

        @Test("connects, says hello, signs in, reads, extends, and ends other sessions")
        func main() async throws {
            let daemon = try await DaemonProcess.start()
            let client = try await SessionClient.connect(to: daemon.socket)
            defer { client.close() }
            let greeting = try await client.hello(name: "tests")
            #expect(greeting.name == "sessiond" && greeting.limits["maxBatch"] == 32)
            #expect(try await client.health().status == "ok")
            let profile = client.profile("default")
            #expect(try await profile.session() == .unavailable(.signedOut))
            try await Self.signIn(client)
            guard case .available(let session, let lastValidatedAt) = try await profile.session() else {
                Issue.record("no session")
                return
            }
            #expect(session["userId"]?.stringValue != nil && lastValidatedAt != nil)
            #expect(try await profile.user().value?["username"]?.stringValue == Seed.username)
            let tokens = try await profile.tokens(minimumValidity: .seconds(60))
            #expect(tokens.sessionToken?.reveal().isEmpty == false && !tokens.isStale)
            #expect("\(tokens)".contains(tokens.sessionToken?.reveal() ?? "") == false)
            #expect(try await profile.headers().reveal().count > 0)
            let extended = try await profile.authenticate(extendingTo: .minutes(90))
            #expect(extended.cause.kind == .extended)
            #expect(try await profile.isAllowed("docs:r"))
            #expect(try await !profile.isAllowed("other:r"))
            #expect(try await profile.sessions().count == 1)
            let revocation = try await profile.revoke(.others)
            #expect(revocation.snapshot.phase == .active)
            #expect(try await profile.revoke().snapshot.phase == .signedOut)
        }

        @Test("a hundred pipelined calls from many tasks each get their own answer")
        func pipelined() async throws {
            let daemon = try await DaemonProcess.start()
            let client = try await SessionClient.connect(to: daemon.socket)
            defer { client.close() }
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        let answer = try await client.call("server.ping", ["n": .integer(Int64(number))])
                        return answer["n"] == .integer(Int64(number))
                    }
                }
                for try await isItsOwn in group { #expect(isItsOwn) }
            }
        }

        @Test("errors are typed by what the caller can do")
        func errors() async throws {
            let daemon = try await DaemonProcess.start()
            let client = try await SessionClient.connect(to: daemon.socket)
            defer { client.close() }
            let profile = client.profile()
            func kind(_ body: () async throws(SessionError) -> Void) async -> SessionError.Kind? {
                do throws(SessionError) { try await body() } catch { return error.kind }
                return nil
            }
            #expect(await kind { () async throws(SessionError) in _ = try await profile.tokens() } == .notSignedIn)
            #expect(
                await kind { () async throws(SessionError) in _ = try await client.profile("no").snapshot() }
                    == .profileNotFound)
            #expect(
                await kind { () async throws(SessionError) in _ = try await profile.accounts() } == .notSupported)
            #expect(
                await kind { () async throws(SessionError) in
                    _ = try await profile.wait(until: .locked, timeout: .milliseconds(20))
                } == .deadlineExceeded)
            do {
                _ = try await profile.exchange(accessToken: "wrong")
                Issue.record("signed in with a wrong grant")
            } catch {
                #expect(error.kind == .upstreamRejected && error.reason == "invalid_grant")
            }
            let nobody = daemon.folder.path + "/nobody.sock"
            #expect(
                await kind { () async throws(SessionError) in _ = try await SessionClient.connect(to: nobody) }
                    == .unavailable)
        }

        @Test("a watch sees the sign-in, an administrator's change and the sign-out; the cache follows")
        func watch() async throws {
            let daemon = try await DaemonProcess.start()
            let client = try await SessionClient.connect(to: daemon.socket)
            defer { client.close() }
            let administrator = try await SessionClient.connect(to: daemon.socket)
            defer { administrator.close() }
            let profile = client.profile()
            var snapshots = profile.snapshots.makeAsyncIterator()
            #expect(try await snapshots.next()?.phase == .signedOut)
            try await Self.signIn(administrator)
            #expect(try await snapshots.next()?.phase == .active)
            #expect(profile.cachedSession.isAvailable)
            try await administrator.authority().updateUser(username: Seed.username, access: ["bills": "d"])
            #expect(try await snapshots.next()?["access"].value?["bills"]?.stringValue == "d")
            _ = try await administrator.profile().revoke()
            #expect(try await snapshots.next()?.phase == .signedOut)
            #expect(profile.cachedSession == .unavailable(.signedOut))
        }

        @Test("a callback is told of changes until it is cancelled")
        func callback() async throws {
            let daemon = try await DaemonProcess.start()
            let client = try await SessionClient.connect(to: daemon.socket)
            defer { client.close() }
            let (told, continuation) = AsyncStream<Bool>.makeStream()
            let subscription = client.profile().onSessionChange { continuation.yield($0.isAvailable) }
            var iterator = told.makeAsyncIterator()
            #expect(await iterator.next() == false)
            try await Self.signIn(client)
            #expect(await iterator.next() == true)
            subscription.cancel()
        }

        @Test("the daemon is killed, its state changes, it starts again: the client sees the final state by itself")
        func reconnects() async throws {
            let daemon = try await DaemonProcess.start()
            let client = try await SessionClient.connect(to: daemon.socket)
            defer { client.close() }
            let profile = client.profile()
            try await Self.signIn(client)
            var snapshots = profile.snapshots.makeAsyncIterator()
            let before = try #require(try await snapshots.next())
            #expect(before.phase == .active)
            for _ in 0..<3 {
                try await daemon.kill()
                #expect(profile.cachedSession.isAvailable, "a lost connection is no sign-out")
                await #expect(throws: SessionError.self) { try await client.ping() }
                try await daemon.start()
                while let snapshot = try await snapshots.next() {
                    #expect(snapshot.phase != .signedOut)
                    if snapshot.phase == .active, snapshot.instance != before.instance { break }
                }
                _ = try await profile.wait(until: .active, timeout: .seconds(10))
            }
            try await daemon.kill()
            try await daemon.start()
            try await daemon.connect().call("session.invalidate")
            while let snapshot = try await snapshots.next(), snapshot.phase != .signedOut {}
            #expect(profile.cachedSession == .unavailable(.signedOut))
        }
    }
}
