import CryptoExtras
import FoundationEssentials
import JWTKit
import Logging
import SessionCore
import SessionProtocol
import Synchronization
import Testing

@testable import SessionProviders

/// A service's signing key. Made once each: an RSA key takes its time.
struct TestKey: Sendable {
    let id: String
    private let key: _RSA.Signing.PrivateKey

    static let first = make("key-1")
    static let second = make("key-2")
    /// Has the first one's id, and is another key.
    static let impostor = make("key-1")

    private static func make(_ id: String) -> TestKey? {
        (try? _RSA.Signing.PrivateKey(keySize: .bits2048)).map { TestKey(id: id, key: $0) }
    }

    /// The public half as a member of a JWK set.
    func jwk(_ changes: [String: JSONValue] = [:]) throws -> JSONValue {
        let numbers = try key.publicKey.getKeyPrimitives()
        var members: [String: JSONValue] = [
            "kty": "RSA", "kid": .string(id), "use": "sig", "alg": "RS256",
            "n": .string(numbers.modulus.base64URL), "e": .string(numbers.publicExponent.base64URL),
        ]
        members.change(by: changes)
        return .object(members)
    }

    /// Header and payload exactly as they are given, signed by JWTKit with RS256.
    func sign(header: String? = nil, payload: String) async throws -> String {
        let header = header ?? #"{"alg":"RS256","kid":"\#(id)","typ":"JWT"}"#
        let signed = "\(Array(header.utf8).base64URL).\(Array(payload.utf8).base64URL)"
        let keys = await JWTKeyCollection()
            .add(rsa: try Insecure.RSA.PrivateKey(backing: key), digestAlgorithm: .sha256)
        return try await "\(signed).\(keys.getKey().sign(Array(signed.utf8)).base64URL)"
    }
}

/// What a Stytch project puts into its JWTs, with changes; null takes a claim away.
func claims(_ changes: [String: JSONValue] = [:]) -> String {
    var claims: [String: JSONValue] = [
        "iss": "stytch.com/project-test-aaaa", "aud": ["project-test-aaaa"], "sub": "user-test-1",
        "iat": .integer(Issuer.start / 1000), "nbf": .integer(Issuer.start / 1000),
        "exp": .integer(Issuer.start / 1000 + 300), "https://stytch.com/session": ["id": "session-test-1"],
    ]
    claims.change(by: changes)
    return String(decoding: JSONValue.object(claims).encoded, as: UTF8.self)
}

extension [String: JSONValue] {
    fileprivate mutating func change(by changes: [String: JSONValue]) {
        merge(changes) { _, new in new }
        for (name, value) in changes where value == .null { removeValue(forKey: name) }
    }
}

func jwks(_ keys: JSONValue...) -> [UInt8] { JSONValue.object(["keys": .array(keys)]).encoded }

/// The clock and the published keys of one test, and how often they were asked for.
final class Issuer: Sendable {
    static let start: Int64 = 1_767_607_200_000

    private struct State {
        var now = Issuer.start
        var document: [UInt8]?
        var fetches = 0
        var readings = 0
    }
    private let state: Mutex<State>
    /// Called on every reading of the clock, with how many there were, and before a fetch is answered.
    private let onReading: @Sendable (Int) -> Void
    private let beforeAnswer: @Sendable () async -> Void

    init(
        _ document: [UInt8]?, onReading: @escaping @Sendable (Int) -> Void = { _ in },
        beforeAnswer: @escaping @Sendable () async -> Void = {}
    ) {
        state = Mutex(State(document: document))
        self.onReading = onReading
        self.beforeAnswer = beforeAnswer
    }

    var fetches: Int { state.withLock { $0.fetches } }

    func publish(_ document: [UInt8]?) { state.withLock { $0.document = document } }

    func advance(seconds: Int64) { state.withLock { $0.now += seconds * 1000 } }

    func verifier(leewayMs: Int64 = 0, logger: Logger? = nil) -> JWTVerifier {
        JWTVerifier(
            rules: JWTRules(
                issuers: ["stytch.com/project-test-aaaa", "https://auth.example.org"], audience: "project-test-aaaa",
                leewayMs: leewayMs),
            logger: logger,
            now: { self.read() },
            fetch: {
                self.state.withLock { $0.fetches += 1 }
                await self.beforeAnswer()
                return self.state.withLock { $0.document }
            })
    }

    private func read() -> Int64 {
        let (now, readings) = state.withLock { state in
            state.readings += 1
            return (state.now, state.readings)
        }
        onReading(readings)
        return now
    }
}

extension JWTVerifier {
    func verdict(_ text: String) async throws -> JWTVerdict {
        await verdict(on: try #require(Secret(text)))
    }
}
