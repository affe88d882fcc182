import SessionCore
import SessionProtocol
import SessionTesting
import Testing

@testable import SessionProviders

@Suite("Hostile keys and tokens", .timeLimit(.minutes(1)))
struct JWTHostileTests {
    /// One to four changes at random places: a byte replaced, taken away, or a run repeated.
    private static func mutated(_ bytes: [UInt8], with dice: inout SplitMix) -> [UInt8] {
        var bytes = bytes
        for _ in 0...(dice.next() % 4) where !bytes.isEmpty {
            let index = Int(dice.next() % UInt64(bytes.count))
            switch dice.next() % 4 {
            case 0: bytes[index] = UInt8(truncatingIfNeeded: dice.next())
            case 1: bytes[index] = Array(#"{}[]",:\0Aa_-.n"#.utf8)[Int(dice.next() % 15)]
            case 2: bytes.remove(at: index)
            default: bytes.insert(contentsOf: bytes[index...].prefix(Int(dice.next() % 400)), at: index)
            }
        }
        return bytes
    }

    @Test("a damaged key set decides nothing or the same: it never makes another's signature good")
    func damagedKeys() async throws {
        let first = try #require(TestKey.first)
        let genuine = try await first.sign(payload: claims())
        let forged = try await #require(TestKey.impostor).sign(payload: claims())
        let document = jwks(try first.jwk(), try #require(TestKey.second).jwk())
        var dice = SplitMix(state: 7519)
        var readable = 0
        for _ in 0..<2000 {
            let verifier = Issuer(Self.mutated(document, with: &dice)).verifier()
            if case .valid = try await verifier.verdict(genuine) { readable += 1 }
            if case .valid = try await verifier.verdict(forged) { Issue.record("a forged JWT is valid") }
        }
        #expect((1..<2000).contains(readable))
    }

    @Test("a key whose numbers are damaged checks nothing")
    func damagedNumbers() async throws {
        let first = try #require(TestKey.first)
        let genuine = try await first.sign(payload: claims())
        let entry = try first.jwk()
        let modulus = Array(try #require(entry["n"]?.stringValue).utf8)
        let exponent = Array(try #require(entry["e"]?.stringValue).utf8)
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var dice = SplitMix(state: 8017)
        for round in 0..<500 {
            var changed = round.isMultiple(of: 4) ? exponent : modulus
            // The last letter of each has bits that mean nothing.
            let index = Int(dice.next() % UInt64(changed.count - 1))
            let letter = alphabet[Int(dice.next() % 64)]
            if changed[index] == letter { continue }
            changed[index] = letter
            let key = try first.jwk([
                round.isMultiple(of: 4) ? "e" : "n": .string(String(decoding: changed, as: UTF8.self))
            ])
            if case .valid = try await Issuer(jwks(key)).verifier().verdict(genuine) {
                Issue.record("valid with other numbers: round \(round)")
            }
        }
    }

    @Test("an outage of the keys is logged once, and its end; nothing of a JWT or a key is")
    func log() async throws {
        let log = RecordedLog()
        let first = try #require(TestKey.first)
        let issuer = Issuer(nil)
        let verifier = issuer.verifier(logger: log.logger)
        let text = try await first.sign(payload: claims(["exp": .integer(Issuer.start / 1000 + 300_000)]))
        var seen: [Int] = []
        for document in [nil, nil, Array("<html>canary</html>".utf8), jwks(try first.jwk())] as [[UInt8]?] {
            issuer.publish(document)
            issuer.advance(seconds: 30)
            _ = try await verifier.verdict(text)
            seen.append(log.lines.count)
        }
        #expect(issuer.fetches == 4)
        #expect(seen == [1, 1, 1, 2])
        #expect(log.lines.first?.hasPrefix("warning ") == true && log.lines.last?.hasPrefix("notice ") == true)
        #expect(!log.lines.joined().contains("canary") && !log.lines.joined().contains("project-test"))
    }
}
