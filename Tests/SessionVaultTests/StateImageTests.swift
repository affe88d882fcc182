import Crypto
import SessionCore
import Testing

@testable import SessionVault

@Suite("A state image opens as what was sealed, or not at all")
struct StateImageTests {
    let key = VaultKey(SymmetricKey(size: .bits256))
    var ring: KeyRing { KeyRing(current: KeyRing.Entry(key: key, place: .stateDirectory)) }

    func image(_ texts: [String: String], generation: UInt64 = 7) throws -> StateImage {
        var image = StateImage()
        for (name, text) in texts {
            let profile = try #require(VaultName(name))
            let provider = try #require(VaultName("stytch"))
            let sealed = try SealedEnvelope.seal(
                SealedRecord(generation: generation, payload: Array(text.utf8)), profile: profile, provider: provider,
                key: key)
            image.entries[profile] = StateImage.Entry(sealed.header, sealed.bytes)
        }
        return image
    }

    func error(_ body: () throws(EnvelopeError) -> StateImage) -> EnvelopeError? {
        do throws(EnvelopeError) {
            _ = try body()
            return nil
        } catch {
            return error
        }
    }

    @Test("records come back with their generations", arguments: [0, 1, 3, 200])
    func roundTrip(count: Int) throws {
        let texts = Dictionary(uniqueKeysWithValues: (0..<count).map { ("p\($0)", String(repeating: "x", count: $0)) })
        let made = try image(texts)
        let opened = try StateImage.open(try made.sealed(count: 3, key: key), keys: ring)
        #expect(opened.entries == made.entries)
        #expect(opened.entries.values.allSatisfy { $0.generation == 7 && $0.keyID == key.id })
    }

    @Test("nothing of it is readable: no profile's name, no provider's, no token")
    func readable() throws {
        let bytes = try image(["canary-profile": "canary-token"]).sealed(count: 3, key: key)
        let text = String(decoding: bytes, as: UTF8.self)
        for canary in ["canary", "stytch"] { #expect(!text.contains(canary)) }
        // Its records are sealed by themselves too.
        #expect(!String(decoding: try image(["p": "canary-token"]).encoded, as: UTF8.self).contains("canary"))
    }

    @Test("torn at any length, it is refused")
    func truncated() throws {
        let bytes = try image(["shop": "token"]).sealed(count: 3, key: key)
        for length in bytes.indices {
            #expect(
                error { () throws(EnvelopeError) in try StateImage.open(Array(bytes[..<length]), keys: ring) }
                    == .malformed)
        }
        #expect(error { () throws(EnvelopeError) in try StateImage.open(bytes + [0], keys: ring) } == .malformed)
    }

    @Test("with any bit flipped, it is refused")
    func flipped() throws {
        let bytes = try image(["shop": "token"]).sealed(count: 3, key: key)
        for bit in 0..<(bytes.count * 8) {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << (bit % 8)
            let found = error { () throws(EnvelopeError) in try StateImage.open(flipped, keys: ring) }
            #expect(found == .malformed || found == .notAuthentic, "bit \(bit): \(String(describing: found))")
        }
    }

    @Test("a record is no image, and an image is no record, though one key sealed both")
    func kinds() throws {
        let state = try #require(VaultName("state"))
        let record = try SealedEnvelope.seal(
            SealedRecord(generation: 3, payload: try image(["shop": "token"]).encoded), profile: state, provider: state,
            key: key)
        #expect(error { () throws(EnvelopeError) in try StateImage.open(record.bytes, keys: ring) } == .malformed)
        let image = try image([:]).sealed(count: 3, key: key)
        #expect(
            error { () throws(EnvelopeError) in
                _ = try SealedEnvelope.open(image, profile: state, provider: state, keys: ring)
                return StateImage()
            } == .malformed)
        // Not even with the one's magic before the other's contents.
        #expect(
            error { () throws(EnvelopeError) in
                var front = try EnvelopeHeader.parse(image, as: .image).header
                let length = front.encoded.count
                front.kind = .record
                _ = try SealedEnvelope.open(
                    front.encoded + image[length...], profile: state, provider: state, keys: ring)
                return StateImage()
            } == .notAuthentic)
    }

    /// Plain images that an authentic envelope could carry all the same: of a later version, or of a daemon gone wrong.
    static let hostile: [(String, [UInt8], EnvelopeError)] = [
        ("nothing", [], .malformed),
        ("version 0", [0, 0, 0, 0, 0, 0], .malformed),
        ("a later version", [0, 2, 0, 0, 0, 0], .newerVersion(2)),
        ("fewer records than it says", [0, 1, 0, 0, 0, 1], .malformed),
        ("more records than any", [0, 1, 255, 255, 255, 255], .malformed),
        ("a length beyond its end", [0, 1, 0, 0, 0, 1, 255, 255, 255, 255, 0], .malformed),
        ("an empty record", [0, 1, 0, 0, 0, 1, 0, 0, 0, 0], .malformed),
        ("a record that is none", [0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 7, 7], .malformed),
        ("bytes after its end", [0, 1, 0, 0, 0, 0, 9], .malformed),
    ]

    @Test("what no image says is refused", arguments: hostile)
    func refused(what: String, bytes: [UInt8], expected: EnvelopeError) {
        #expect(error { () throws(EnvelopeError) in try StateImage(bytes) } == expected, "\(what)")
    }

    @Test("a profile that is there twice is refused")
    func twice() throws {
        var bytes = try image(["shop": "token"]).encoded
        bytes += bytes[6...]
        bytes[5] = 2
        #expect(error { () throws(EnvelopeError) in try StateImage(bytes) } == .malformed)
    }

    @Test("records that are too large together are refused when they are sealed")
    func tooLarge() throws {
        let image = try image(
            Dictionary(uniqueKeysWithValues: (0..<3).map { ("p\($0)", String(repeating: "x", count: 6 << 20)) }))
        #expect(throws: EnvelopeError.tooLarge) { try image.sealed(count: 1, key: key) }
    }
}
