import SessionCore
import SessionProtocol
import Synchronization
import Testing

@testable import SessionProviders

@Suite("The keys that JWTs are checked with", .timeLimit(.minutes(1)))
struct JWTKeyTests {
    private let valid = JWTVerdict.valid(expiresAt: Issuer.start + 300_000_000)
    private let first: TestKey
    private let second: TestKey

    init() throws {
        first = try #require(TestKey.first)
        second = try #require(TestKey.second)
    }

    /// Outlives the test's time.
    private func token(_ key: TestKey) async throws -> String {
        try await key.sign(payload: claims(["exp": .integer(Issuer.start / 1000 + 300_000)]))
    }

    @Test("keys are fetched at the first need, kept for an hour, and then fetched again")
    func kept() async throws {
        let issuer = Issuer(jwks(try first.jwk()))
        let verifier = issuer.verifier()
        let text = try await token(first)
        #expect(issuer.fetches == 0)
        for (seconds, fetches) in [(0, 1), (0, 1), (3599, 1), (1, 2), (3599, 2)] as [(Int64, Int)] {
            issuer.advance(seconds: seconds)
            #expect(try await verifier.verdict(text) == valid)
            #expect(issuer.fetches == fetches)
        }
    }

    @Test("a key that is new is found when its first JWT comes, and the old one goes when it is withdrawn")
    func rotation() async throws {
        let issuer = Issuer(jwks(try first.jwk()))
        let verifier = issuer.verifier()
        #expect(try await verifier.verdict(token(first)) == valid)
        issuer.advance(seconds: 300)
        issuer.publish(jwks(try first.jwk(), try second.jwk()))
        #expect(try await verifier.verdict(token(second)) == valid)
        #expect(try await verifier.verdict(token(first)) == valid)
        #expect(issuer.fetches == 2)
        issuer.publish(jwks(try second.jwk()))
        issuer.advance(seconds: 3600)
        #expect(try await verifier.verdict(token(first)) == .invalid(.unknownKey))
        #expect(try await verifier.verdict(token(second)) == valid)
        #expect(issuer.fetches == 3)
    }

    @Test("a storm of unknown key ids makes one fetch in five minutes")
    func storm() async throws {
        let issuer = Issuer(jwks(try first.jwk()))
        let verifier = issuer.verifier()
        for round in 1...3 {
            for number in 0..<100 {
                let header = #"{"alg":"RS256","kid":"unknown-\#(number)"}"#
                let text = try await second.sign(header: header, payload: claims())
                #expect(try await verifier.verdict(text) == .invalid(.unknownKey))
            }
            #expect(try await verifier.verdict(token(first)) == valid)
            #expect(issuer.fetches == round)
            issuer.advance(seconds: 299)
            #expect(try await verifier.verdict(token(second)) == .invalid(.unknownKey))
            #expect(issuer.fetches == round)
            issuer.advance(seconds: 1)
        }
    }

    @Test("without keys nothing is decided, and they are asked for again after 30 seconds")
    func outage() async throws {
        let issuer = Issuer(nil)
        let verifier = issuer.verifier()
        let text = try await token(first)
        for (seconds, fetches) in [(0, 1), (29, 1), (1, 2), (29, 2), (1, 3)] as [(Int64, Int)] {
            issuer.advance(seconds: seconds)
            #expect(try await verifier.verdict(text) == .undecided)
            #expect(issuer.fetches == fetches)
        }
        issuer.publish(jwks(try first.jwk()))
        #expect(try await verifier.verdict(text) == .undecided)
        issuer.advance(seconds: 30)
        #expect(try await verifier.verdict(text) == valid)
        #expect(issuer.fetches == 4)
    }

    @Test("while newer keys cannot be had the last ones stay in use, and say nothing of ids that they lack")
    func lastGoodKeys() async throws {
        let issuer = Issuer(jwks(try first.jwk()))
        let verifier = issuer.verifier()
        #expect(try await verifier.verdict(token(first)) == valid)
        for document in [nil, [], Array("<html>".utf8), jwks()] as [[UInt8]?] {
            issuer.publish(document)
            issuer.advance(seconds: 3600)
            let before = issuer.fetches
            #expect(try await verifier.verdict(token(first)) == valid)
            #expect(try await verifier.verdict(token(second)) == .undecided)
            #expect(issuer.fetches == before + 1)
        }
        issuer.publish(jwks(try second.jwk()))
        issuer.advance(seconds: 30)
        #expect(try await verifier.verdict(token(second)) == valid)
        #expect(try await verifier.verdict(token(first)) == .invalid(.unknownKey))
    }

    @Test("a clock that is set back makes the keys old, and does not stop their renewal")
    func clockSetBack() async throws {
        let issuer = Issuer(jwks(try first.jwk()))
        let verifier = issuer.verifier()
        let text = try await first.sign(
            payload: claims(["iat": 0, "nbf": 0, "exp": .integer(Issuer.start / 1000 + 300_000)]))
        #expect(try await verifier.verdict(text) == valid)
        issuer.advance(seconds: -86_400)
        #expect(try await verifier.verdict(text) == valid)
        #expect(try await verifier.verdict(text) == valid)
        #expect(issuer.fetches == 2)
    }

    @Test("callers at the same time share one fetch, and one who gives up takes nothing from the others")
    func shared() async throws {
        let callers = 40
        let gate = Gate()
        // Each reads the clock and then waits, in one step: with the last reading all are waiting or about to.
        let issuer = Issuer(
            jwks(try first.jwk()), onReading: { if $0 == callers { gate.open() } },
            beforeAnswer: { await gate.passed() })
        let verifier = issuer.verifier()
        let text = try await token(first)
        let tasks = (0..<callers).map { _ in Task { try await verifier.verdict(text) } }
        for task in tasks.prefix(3) { task.cancel() }
        for task in tasks { #expect(try await task.value == valid) }
        #expect(issuer.fetches == 1)
    }

    @Test("the time that a fetch takes counts: a JWT that expires meanwhile has expired")
    func expiresMeanwhile() async throws {
        let clock = Mutex<Issuer?>(nil)
        let issuer = Issuer(
            jwks(try first.jwk()), beforeAnswer: { clock.withLock { $0 }?.advance(seconds: 300) })
        clock.withLock { $0 = issuer }
        let verdict = try await issuer.verifier().verdict(first.sign(payload: claims()))
        #expect(verdict == .invalid(.expired))
        clock.withLock { $0 = nil }
    }

    @Test("keys of other kinds and wrong keys are passed over, and the good one among them is found")
    func strangers() async throws {
        let wrong: [[String: JSONValue]] = [
            ["kty": "EC"], ["kty": .null], ["use": "enc"], ["alg": "RS512"], ["alg": 7], ["key_ops": ["sign"]],
            ["key_ops": "verify"], ["kid": .null], ["kid": 1], ["kid": ""], ["n": .null], ["n": 3], ["n": ""],
            ["n": "!"], ["n": "AQAB"], ["n": .string(String(repeating: "A", count: 342))],
            ["n": .string(String(repeating: "_", count: 20_000))], ["e": ""], ["e": "AA"], ["e": "AQ"], ["e": "Ag"],
            ["e": .string(String(repeating: "_", count: 300))], ["e": .null], ["e": ["AQAB"]],
        ]
        let text = try await token(first)
        var all: [JSONValue] = [.null, 1, "key", []]
        for changes in wrong {
            let entry = try first.jwk(changes)
            all.append(entry)
            #expect(await KeySet(document: jwks(entry)) == nil, "\(changes)")
            let issuer = Issuer(jwks(entry))
            #expect(try await issuer.verifier().verdict(text) == .undecided, "\(changes)")
        }
        all.append(try first.jwk(["use": .null, "alg": .null, "key_ops": ["verify"], "x5t": "?"]))
        let issuer = Issuer(JSONValue.object(["keys": .array(all), "more": 1]).encoded)
        #expect(try await issuer.verifier().verdict(text) == valid)
    }

    @Test("of keys with the same id any may have signed")
    func sameID() async throws {
        let impostor = try #require(TestKey.impostor)
        let issuer = Issuer(jwks(try impostor.jwk(), try first.jwk()))
        #expect(try await issuer.verifier().verdict(token(first)) == valid)
        #expect(try await issuer.verifier().verdict(token(impostor)) == valid)
        let stranger = try await second.sign(header: #"{"alg":"RS256","kid":"key-1"}"#, payload: claims())
        #expect(try await issuer.verifier().verdict(stranger) == .invalid(.badSignature))
    }

    @Test(
        "what is no key set is no answer",
        arguments: ["", "{}", "[]", "null", #"{"keys":{}}"#, #"{"keys":[}"#, "\u{0}"])
    func noKeySet(text: String) async throws {
        #expect(await KeySet(document: Array(text.utf8)) == nil)
    }

    @Test("a set beyond all bounds is no answer, and takes no long time")
    func bounds() async throws {
        let key = try first.jwk()
        let many = JSONValue.object(["keys": .array(Array(repeating: key, count: KeySet.keyLimit))])
        #expect(await KeySet(document: many.encoded) != nil)
        let more = JSONValue.object(["keys": .array(Array(repeating: key, count: KeySet.keyLimit + 1))])
        #expect(await KeySet(document: more.encoded) == nil)
        let huge = jwks(key) + Array(repeating: UInt8(ascii: " "), count: KeySet.byteLimit)
        #expect(await KeySet(document: huge) == nil)
        let deep = String(repeating: "[", count: 100_000)
        #expect(await KeySet(document: Array(#"{"keys":\#(deep)"#.utf8)) == nil)
    }
}

/// Opens once, for everybody.
private final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }
    private let state = Mutex(State())

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func passed() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }
}
