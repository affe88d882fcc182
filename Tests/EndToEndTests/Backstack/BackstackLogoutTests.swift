import FakeServices
import SessionProtocol
import Testing

extension Backstack {
    @Suite("Signing out of Backstack", .timeLimit(.minutes(1)))
    struct LogoutTests {
        @Test("logout is told to Backstack, ends here, and a second one has nothing to do")
        func logout() async throws {
            let site = try await BackstackSite()
            let (daemon, connection) = try await site.signedIn(interval: "180s")
            let headers = try await connection.call("session.headers")["headers"]
            let logout = try await Command.sessionctl("logout", for: daemon)
            #expect(logout.status == .status(0) && logout.output == "Signed out.\n", "\(logout.errors)")
            #expect(site.fake.calls(on: "GET /app/logout").map(\.status) == [200])
            #expect(await site.answer(headers).json?["auth"] == false, "Backstack holds nobody for it")
            let state = try await connection.call("session.get")
            #expect(state["phase"] == "signedOut" && state["cause"]?["kind"] == "revoked")
            #expect(state["objects"]?["app"]?["state"] == "available")
            #expect(try await Command.sessionctl("logout", for: daemon).status == .status(0))
            #expect(site.fake.calls(on: "GET /app/logout").count == 1)
        }

        @Test("with the network pulled nothing is dropped; forced it ends here, and Backstack is told after kill -9")
        func forced() async throws {
            let site = try await BackstackSite()
            let (daemon, connection) = try await site.signedIn()
            await site.pull()
            let refused = try await Command.sessionctl("logout", for: daemon)
            #expect(refused.status == .status(69), "\(refused.errors)")
            #expect(try await connection.jwt().isEmpty == false)
            let forced = try await connection.call("session.revoke", ["force": true])
            #expect(forced["confirmed"] == false && forced["pending"] == true)
            #expect(forced["snapshot"]?["phase"] == "signedOut")
            try await daemon.kill()
            try await daemon.start()
            let later = try await daemon.connect().call("session.get")
            #expect(later["phase"] == "signedOut" && later["cause"]?["kind"] == "revoked")
            site.fake.forgetCalls()
            try await site.putBack()
            let told = await site.fake.calls(atLeast: 1, on: "GET /app/logout")
            #expect(told.first?.status == 200)
            #expect(told.first?.headers["authorization"] != BackstackSite.appKey)
        }

        @Test("what Backstack cannot do is notSupported by name, and changes nothing")
        func notSupported() async throws {
            let site = try await BackstackSite()
            let (daemon, connection) = try await site.signedIn(interval: "180s")
            let before = try await connection.call("session.get")["revision"]
            site.fake.forgetCalls()
            for (method, params) in [
                ("session.revoke", ["target": "others"]), ("session.revoke", ["target": "all"]),
                ("session.revoke", ["target": ["id": "x"]]), ("session.list", [:]),
                ("session.authenticate", ["sessionDurationMinutes": 60]), ("session.exchange", ["accessToken": "x"]),
                ("session.signUp", ["method": "password", "username": "n", "password": "long enough"]),
                ("session.signIn", ["method": "otp", "email": "kari@depot.example"]),
            ] as [(String, JSONValue)] {
                let failure = try await connection.failure(method, params)
                #expect(failure.code == 1012 && failure.data["provider"] == "backstack", "\(method): \(failure)")
                #expect(failure.data["method"] == .string(method), "\(method): \(failure)")
            }
            #expect(try await connection.call("session.get")["revision"] == before)
            let unknown = try await connection.failure("session.signIn", ["method": "smoke"])
            #expect(unknown.code == -32602 && unknown.data["path"] == "method")
            #expect(try site.fake.calls().isEmpty && daemon.process.isRunning)
        }
    }
}
