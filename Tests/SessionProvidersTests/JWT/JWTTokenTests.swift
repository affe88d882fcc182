import CryptoExtras
import JWTKit
import SessionCore
import SessionProtocol
import Testing

@testable import SessionProviders

@Suite("Checking a JWT")
struct JWTTokenTests {
    private static let seconds = Issuer.start / 1000
    private static let end = Issuer.start + 300_000

    /// Changes to the claims, and what becomes of the JWT, correctly signed.
    static let signed: [([String: JSONValue], JWTVerdict)] = [
        ([:], .valid(expiresAt: end)),
        (["iss": "https://auth.example.org"], .valid(expiresAt: end)),
        (["aud": "project-test-aaaa"], .valid(expiresAt: end)),
        (["aud": ["other", "project-test-aaaa"]], .valid(expiresAt: end)),
        (["exp": .number("\(seconds + 300).75")], .valid(expiresAt: end + 750)),
        (["exp": .number("1.7676075e9")], .valid(expiresAt: end)),
        (["exp": .integer(9_007_199_254_740)], .valid(expiresAt: 9_007_199_254_740_000)),
        (["nbf": .number("\(seconds).0")], .valid(expiresAt: end)),
        (["sub": .null], .valid(expiresAt: end)),

        (["iss": "https://stytch.com/project-test-aaaa"], .invalid(.wrongIssuer)),
        (["iss": "https://auth.example.org/"], .invalid(.wrongIssuer)),
        (["iss": ""], .invalid(.wrongIssuer)),
        (["iss": 1], .invalid(.missingClaim(.iss))),
        (["iss": .null], .invalid(.missingClaim(.iss))),
        (["aud": "project-test-bbbb"], .invalid(.wrongAudience)),
        (["aud": []], .invalid(.wrongAudience)),
        (["aud": [1]], .invalid(.wrongAudience)),
        (["aud": [["project-test-aaaa"]]], .invalid(.wrongAudience)),
        (["aud": ["x": "project-test-aaaa"]], .invalid(.missingClaim(.aud))),
        (["aud": .null], .invalid(.missingClaim(.aud))),
        (["exp": .null], .invalid(.missingClaim(.exp))),
        (["exp": .string("\(seconds + 300)")], .invalid(.missingClaim(.exp))),
        (["exp": true], .invalid(.missingClaim(.exp))),
        (["exp": .integer(.max)], .invalid(.missingClaim(.exp))),
        (["exp": .integer(9_007_199_254_741)], .invalid(.missingClaim(.exp))),
        (["exp": .number("1e400")], .invalid(.missingClaim(.exp))),
        (["exp": .number("99999999999999999999999")], .invalid(.missingClaim(.exp))),
        (["nbf": .null], .invalid(.missingClaim(.nbf))),
        (["nbf": .integer(.min)], .invalid(.missingClaim(.nbf))),
        (["iat": .null], .invalid(.missingClaim(.iat))),
        (["iat": []], .invalid(.missingClaim(.iat))),
        (["exp": .integer(seconds)], .invalid(.expired)),
        (["exp": .number("\(seconds).0005")], .invalid(.expired)),
        (["exp": .number("\(seconds).001")], .valid(expiresAt: Issuer.start + 1)),
        (["exp": 0], .invalid(.expired)),
        (["exp": -1], .invalid(.expired)),
        (["nbf": .integer(seconds + 1)], .invalid(.notYetValid)),
        (["iat": .integer(seconds + 1)], .invalid(.notYetValid)),
        (["iat": .number("\(seconds).001")], .invalid(.notYetValid)),
    ]

    @Test("the claims decide, each by its rule", arguments: signed)
    func claimRules(changes: [String: JSONValue], expected: JWTVerdict) async throws {
        let key = try #require(TestKey.first)
        let issuer = Issuer(jwks(try key.jwk()))
        let verdict = try await issuer.verifier().verdict(try await key.sign(payload: claims(changes)))
        #expect(verdict == expected)
    }

    /// Seconds by which `exp`, `nbf` and `iat` are from now, with 10 s of leeway.
    static let skewed: [(Int64, Int64, Int64, JWTVerdict)] = [
        (-9, -300, -300, .valid(expiresAt: Issuer.start - 9000)), (-10, -300, -300, .invalid(.expired)),
        (300, 10, 0, .valid(expiresAt: end)), (300, 11, 0, .invalid(.notYetValid)),
        (300, 0, 10, .valid(expiresAt: end)), (300, 0, 11, .invalid(.notYetValid)),
    ]

    @Test("clocks may differ by the leeway, and by no more", arguments: skewed)
    func leeway(exp: Int64, nbf: Int64, iat: Int64, expected: JWTVerdict) async throws {
        let key = try #require(TestKey.first)
        let text = try await key.sign(
            payload: claims([
                "exp": .integer(Self.seconds + exp), "nbf": .integer(Self.seconds + nbf),
                "iat": .integer(Self.seconds + iat),
            ]))
        let issuer = Issuer(jwks(try key.jwk()))
        #expect(try await issuer.verifier(leewayMs: 10_000).verdict(text) == expected)
    }

    @Test("a leeway of any size overflows nothing", arguments: [Int64.max, .min])
    func extremeLeeway(leewayMs: Int64) async throws {
        let key = try #require(TestKey.first)
        let issuer = Issuer(jwks(try key.jwk()))
        let verdict = try await issuer.verifier(leewayMs: leewayMs).verdict(try await key.sign(payload: claims()))
        #expect(verdict == (leewayMs > 0 ? .valid(expiresAt: Self.end) : .invalid(.expired)))
    }

    /// Headers that no key is touched for.
    static let headers: [(String, JWTDefect)] = [
        (#"{"alg":"none","kid":"key-1"}"#, .unsupportedAlgorithm),
        (#"{"alg":"HS256","kid":"key-1"}"#, .unsupportedAlgorithm),
        (#"{"alg":"ES256","kid":"key-1"}"#, .unsupportedAlgorithm),
        (#"{"alg":"RS384","kid":"key-1"}"#, .unsupportedAlgorithm),
        (#"{"alg":"PS256","kid":"key-1"}"#, .unsupportedAlgorithm),
        (#"{"alg":"rs256","kid":"key-1"}"#, .unsupportedAlgorithm),
        (#"{"alg":"RS256 ","kid":"key-1"}"#, .unsupportedAlgorithm),
        (#"{"alg":["RS256"],"kid":"key-1"}"#, .malformed),
        (#"{"kid":"key-1"}"#, .malformed),
        (#"{"alg":"none","alg":"RS256","kid":"key-1"}"#, .malformed),
        (#"{"alg":"RS256"}"#, .malformed),
        (#"{"alg":"RS256","kid":""}"#, .malformed),
        (#"{"alg":"RS256","kid":7}"#, .malformed),
        (#"{"alg":"RS256","kid":"key-1","crit":["exp"]}"#, .unsupportedExtension),
        (#"["RS256"]"#, .malformed),
        (#"RS256"#, .malformed),
        ("", .malformed),
    ]

    @Test("what is not RS256 is refused before any key is asked for", arguments: headers)
    func algorithm(header: String, expected: JWTDefect) async throws {
        let key = try #require(TestKey.first)
        let issuer = Issuer(jwks(try key.jwk()))
        let text = try await key.sign(header: header, payload: claims())
        #expect(try await issuer.verifier().verdict(text) == .invalid(expected))
        #expect(issuer.fetches == 0)
    }

    @Test("the public key does not serve as an HMAC secret, and nothing serves for none")
    func confusion() async throws {
        let key = try #require(TestKey.first)
        let issuer = Issuer(jwks(try key.jwk()))
        let modulus = try #require(try key.jwk()["n"]?.stringValue)
        let hmac = await JWTKeyCollection().add(hmac: .init(from: modulus), digestAlgorithm: .sha256)
        for header in [#"{"alg":"HS256","kid":"key-1"}"#, #"{"alg":"RS256","kid":"key-1"}"#] {
            let signed = "\(Array(header.utf8).base64URL).\(Array(claims().utf8).base64URL)"
            let signature = try await hmac.getKey().sign(Array(signed.utf8)).base64URL
            let expected: JWTDefect = header.contains("HS256") ? .unsupportedAlgorithm : .badSignature
            #expect(try await issuer.verifier().verdict("\(signed).\(signature)") == .invalid(expected))
        }
        let none = "\(Array(#"{"alg":"none"}"#.utf8).base64URL).\(Array(claims().utf8).base64URL)."
        #expect(try await issuer.verifier().verdict(none) == .invalid(.unsupportedAlgorithm))
    }

    @Test("another project's JWT costs no look at the keys")
    func foreign() async throws {
        let key = try #require(TestKey.second)
        let issuer = Issuer(jwks())
        let text = try await key.sign(payload: claims(["iss": "stytch.com/project-test-bbbb"]))
        #expect(try await issuer.verifier().verdict(text) == .invalid(.wrongIssuer))
        #expect(issuer.fetches == 0)
    }

    @Test("a signature by another key of the same id is bad")
    func impostor() async throws {
        let issuer = Issuer(jwks(try #require(TestKey.first).jwk()))
        let text = try await #require(TestKey.impostor).sign(payload: claims())
        #expect(try await issuer.verifier().verdict(text) == .invalid(.badSignature))
    }

    @Test("no byte of a JWT can be changed")
    func everyByte() async throws {
        let key = try #require(TestKey.first)
        let verifier = Issuer(jwks(try key.jwk())).verifier()
        let bytes = Array(try await key.sign(payload: claims()).utf8)
        #expect(try await verifier.verdict(String(decoding: bytes, as: UTF8.self)) == .valid(expiresAt: Self.end))
        for index in bytes.indices.dropLast() {
            var changed = bytes
            changed[index] = changed[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            let verdict = try await verifier.verdict(String(decoding: changed, as: UTF8.self))
            guard case .invalid = verdict else {
                Issue.record("byte \(index) can be changed: \(verdict)")
                return
            }
        }
    }

    @Test("no shorter JWT passes, and none with something added")
    func lengths() async throws {
        let key = try #require(TestKey.first)
        let verifier = Issuer(jwks(try key.jwk())).verifier()
        let text = try await key.sign(payload: claims())
        var cases = text.indices.dropFirst().map { String(text[..<$0]) }
        cases += [
            text + ".", text + "=", text + "A", " " + text, text + "\n", "." + text, text + "." + text, "..", ".",
        ]
        cases.append(String(repeating: "A", count: 70_000))
        for changed in cases {
            let verdict = try await verifier.verdict(changed)
            guard case .invalid = verdict else {
                Issue.record("\(changed.utf8.count) bytes instead of \(text.utf8.count): \(verdict)")
                return
            }
        }
    }

    static let unverified: [(String, Int64?)] = [
        (#"{"exp":1767607500}"#, 1_767_607_500_000), (#"{"exp":1767607500.5}"#, 1_767_607_500_500),
        (#"{"exp":"1767607500"}"#, nil), (#"{}"#, nil), ("[]", nil), ("", nil), (#"{"exp":1e300}"#, nil),
        (#"{"exp":9223372036854775807}"#, nil), (#"{"exp":-1}"#, -1000),
    ]

    @Test("the end of a JWT can be read without checking it, whatever its algorithm", arguments: unverified)
    func unverifiedEnd(payload: String, expected: Int64?) throws {
        for header in [#"{"alg":"RS256"}"#, #"{"alg":"ES256","kid":"a"}"#] {
            let text = "\(Array(header.utf8).base64URL).\(Array(payload.utf8).base64URL).c2ln"
            #expect(UnverifiedJWT.expiresAt(of: try #require(Secret(text))) == expected)
        }
    }

    @Test("what is no JWT has no end", arguments: ["opaque", "a.b", "a.b.c", "....", "e30.eyJleHAiOjF9", "ä.ö.ü"])
    func noJWT(text: String) throws {
        #expect(UnverifiedJWT.expiresAt(of: try #require(Secret(text))) == nil)
    }
}
