import SessionProtocol
import Testing

extension Sessions {
    @Suite("Signing up, in and out", .timeLimit(.minutes(1)))
    struct SignInTests {
        @Test("a new user signs up and is signed in; the same name, in another case, is taken")
        func signUp() async throws {
            let daemon = try await DaemonProcess.start()
            let connection = try daemon.connect()
            let result = try await connection.call(
                "session.signUp",
                [
                    "method": "password", "username": "Grace", "password": "long enough", "name": "Grace Hopper",
                    "sessionDurationMinutes": 5,
                ])
            #expect(result["outcome"] == "signedIn")
            let snapshot = try #require(result["snapshot"])
            #expect(snapshot["phase"] == "active")
            #expect(snapshot["cause"]?["kind"] == "signedIn")
            #expect(snapshot["objects"]?["user"]?["value"]?["name"] == "Grace Hopper")
            let session = try #require(snapshot["objects"]?["session"]?["value"])
            let length = try #require(session["expiresAt"]?.integerValue) - (session["startedAt"]?.integerValue ?? 0)
            #expect(length == 5 * 60_000)
            #expect(snapshot["expiresAt"] == session["expiresAt"])
            let taken = try await connection.failure(
                "session.signUp", ["method": "password", "username": "gRACE", "password": "long enough"])
            #expect(taken.code == 1007)
            #expect(taken.data["reason"] == "username_taken")
            #expect(try await connection.call("session.get")["phase"] == "active")
        }

        @Test("the password signs in; a wrong one and an unknown user are refused in the same words")
        func signIn() async throws {
            let daemon = try await DaemonProcess.start()
            let connection = try daemon.connect()
            func params(_ username: String, _ password: String) -> JSONValue {
                ["method": "password", "username": .string(username), "password": .string(password)]
            }
            let wrong = try await connection.failure("session.signIn", params(Seed.username, "wrong password"))
            let unknown = try await connection.failure("session.signIn", params("nobody", "wrong password"))
            #expect(wrong.error == unknown.error)
            #expect(wrong.data["reason"] == "invalid_credentials")
            #expect(try await connection.call("session.get")["cause"]?["kind"] == "neverSignedIn")
            let result = try await connection.call("session.signIn", params("ADA", Seed.password))
            #expect(result["snapshot"]?["objects"]?["user"]?["value"]?["username"] == .string(Seed.username))
            #expect(try await connection.call("session.list")["sessions"]?.arrayValue?.count == 1)
        }

        @Test(
            "bad fields are refused before anything happens, by their path",
            arguments: [
                (["username": "x"], "password"), (["username": "x", "password": ""], "password"),
                (["username": "", "password": "long enough"], "username"),
                (["username": "x", "password": 7], "password"),
            ] as [([String: JSONValue], String)])
        func badFields(fields: [String: JSONValue], path: String) async throws {
            let daemon = try await DaemonProcess.start()
            let connection = try daemon.connect()
            var params = fields
            params["method"] = "password"
            let before = try await connection.call("session.get")
            for method in ["session.signIn", "session.signUp"] {
                let failure = try await connection.failure(method, .object(params))
                #expect(failure.kind == "invalidParams")
                #expect(failure.data["path"] == .string(path))
            }
            #expect(try await connection.call("session.get") == before)
        }

        @Test("sign-up can be switched off")
        func signUpDisabled() async throws {
            let daemon = try await DaemonProcess.start(
                configuration: "profiles: {default: {provider: embedded, allowSignUp: false}}\n")
            let failure = try await daemon.connect().failure(
                "session.signUp", ["method": "password", "username": "eve", "password": "long enough"])
            #expect(failure.data["reason"] == "sign_up_disabled")
        }

        @Test("a grant signs in once")
        func exchange() async throws {
            let daemon = try await DaemonProcess.start()
            let connection = try daemon.connect()
            let grant = try await connection.call("authority.grant", ["username": .string(Seed.username)])
            let token = try #require(grant["accessToken"])
            #expect(try await connection.call("session.exchange", ["accessToken": token])["outcome"] == "signedIn")
            let again = try await connection.failure("session.exchange", ["accessToken": token])
            #expect(again.data["reason"] == "invalid_grant")
            #expect(try await connection.call("session.get")["phase"] == "active")
        }
    }
}
