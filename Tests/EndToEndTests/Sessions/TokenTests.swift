import Crypto
import FoundationEssentials
import SessionProtocol
import Testing

extension Sessions {
    @Suite("Tokens", .timeLimit(.minutes(1)))
    struct TokenTests {
        @Test("the JWT verifies against the published keys, says who and until when, and keeps its key over restarts")
        func jwt() async throws {
            let daemon = try await DaemonProcess.start()
            let connection = try daemon.connect()
            let snapshot = try await connection.signIn()
            let answer = try await connection.call("session.token")
            #expect(answer["stale"] == false)
            #expect(answer["revision"] == snapshot["revision"])
            #expect(answer["tokens"]?["sessionToken"]?.stringValue?.isEmpty == false)
            let jwt = try #require(answer["tokens"]?["sessionJwt"]?.stringValue)
            let keys = try await connection.call("authority.jwks")
            let claims = try verified(jwt, keys)
            let session = try #require(snapshot["objects"]?["session"]?["value"])
            #expect(claims["sub"] == session["userId"])
            #expect(claims["sid"] == session["id"])
            #expect(claims["exp"]?.integerValue.map { $0 * 1000 } == answer["jwtExpiresAt"]?.integerValue)
            let lifetime = (claims["exp"]?.integerValue ?? 0) - (claims["iat"]?.integerValue ?? 0)
            #expect(lifetime == 300)
            #expect(claims["iss"]?.stringValue?.isEmpty == false)
            #expect(claims["nbf"] != nil)
            var forged = jwt
            forged.insert(forged.hasSuffix("A") ? "B" : "A", at: forged.index(forged.startIndex, offsetBy: 60))
            #expect(throws: (any Error).self) { try verified(forged, keys) }
            #expect(await daemon.restart() == nil)
            let later = try daemon.connect()
            #expect(try verified(jwt, try await later.call("authority.jwks")) == claims)
        }

        @Test("minValidMs renews a token that has less left, and brings no notification")
        func renewal() async throws {
            let daemon = try await DaemonProcess.start()
            let connection = try daemon.connect()
            try await connection.signIn()
            let first = try await connection.call("session.token")
            let watcher = try daemon.connect()
            try await watcher.call("session.watch")
            #expect(try await connection.call("session.token", ["minValidMs": 200_000])["tokens"] == first["tokens"])
            // No token has the whole five minutes left any more.
            let askers = try (0..<8).map { _ in try daemon.connect() }
            for asker in askers { asker.send(1, "session.token", ["minValidMs": 300_000]) }
            var renewed: Set<JSONValue> = []
            for asker in askers {
                let reply = try #require(try await asker.line())
                renewed.insert(reply["result"]?["tokens"]?["sessionJwt"] ?? reply)
            }
            #expect(!renewed.contains(first["tokens"]?["sessionJwt"] ?? .null))
            // Who comes after a renewal brings the next. That all who wait share one is shown where it can be held up:
            // in the tests of the daemon with Stytch.
            #expect(renewed.count < askers.count)
            #expect(
                try await connection.call("session.token")["tokens"]?["sessionToken"]
                    == first["tokens"]?["sessionToken"])
            try await connection.call("session.invalidate")
            let told = try await watcher.notification()
            #expect(told["params"]?["state"]?["phase"] == "signedOut", "the first news is the sign-out")
        }

        @Test("headers carry a token for the provider's API")
        func headers() async throws {
            let daemon = try await DaemonProcess.start()
            let connection = try daemon.connect()
            #expect(try await connection.failure("session.headers").kind == "notSignedIn")
            try await connection.signIn()
            let jwt = try #require(try await connection.call("session.token")["tokens"]?["sessionJwt"]?.stringValue)
            let headers = try #require(try await connection.call("session.headers")["headers"]?.objectValue)
            #expect(headers.values.contains(.string("Bearer \(jwt)")))
        }

        /// The claims of a JWT whose ES256 signature one of the keys verifies.
        private func verified(_ jwt: String, _ keys: JSONValue) throws -> JSONValue {
            struct Unverified: Error {}
            let parts = jwt.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 3 else { throw Unverified() }
            let header = try JSONValue.parse(try bytes(parts[0]))
            guard header["alg"] == "ES256",
                let key = keys["keys"]?.arrayValue?.first(where: { $0["kid"] == header["kid"] }), key["crv"] == "P-256",
                let x = key["x"]?.stringValue, let y = key["y"]?.stringValue
            else { throw Unverified() }
            let point = try P256.Signing.PublicKey(rawRepresentation: try bytes(x[...]) + (try bytes(y[...])))
            let signature = try P256.Signing.ECDSASignature(rawRepresentation: try bytes(parts[2]))
            let signed = Data("\(parts[0]).\(parts[1])".utf8)
            guard point.isValidSignature(signature, for: SHA256.hash(data: signed)) else { throw Unverified() }
            return try JSONValue.parse(try bytes(parts[1]))
        }

        /// Base64url without padding (RFC 7515).
        private func bytes(_ text: Substring) throws -> [UInt8] {
            var text = String(text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
            while !text.utf8.count.isMultiple(of: 4) { text += "=" }
            return Array(try #require(Data(base64Encoded: text)))
        }
    }
}
