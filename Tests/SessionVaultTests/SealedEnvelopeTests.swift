import Crypto
import SessionCore
import Testing

@testable import SessionVault

@Suite("A sealed envelope opens as what was sealed, or not at all")
struct SealedEnvelopeTests {
    let key = VaultKey(SymmetricKey(size: .bits256))
    let record = SealedRecord(generation: 0x0102_0304_0506_0708, payload: Array("canary".utf8))
    let shop: VaultName
    let stytch: VaultName

    init() throws {
        shop = try #require(VaultName("shop"))
        stytch = try #require(VaultName("stytch"))
    }

    var ring: KeyRing { KeyRing(current: KeyRing.Entry(key: key, place: .stateDirectory)) }

    func sealed() throws -> [UInt8] {
        try SealedEnvelope.seal(record, profile: shop, provider: stytch, key: key).bytes
    }

    func error(_ bytes: [UInt8], profile: String = "shop", provider: String = "stytch") throws -> EnvelopeError? {
        let profile = try #require(VaultName(profile))
        let provider = try #require(VaultName(provider))
        do throws(EnvelopeError) {
            _ = try SealedEnvelope.open(bytes, profile: profile, provider: provider, keys: ring)
            return nil
        } catch {
            return error
        }
    }

    @Test("generation and payload come back", arguments: [0, 1, 15, 16, 17, 70_000])
    func roundTrip(size: Int) throws {
        let record = SealedRecord(generation: .max, payload: (0..<size).map { UInt8(truncatingIfNeeded: $0) })
        let bytes = try SealedEnvelope.seal(record, profile: shop, provider: stytch, key: key).bytes
        let opened = try SealedEnvelope.open(bytes, profile: shop, provider: stytch, keys: ring)
        #expect(opened.record.generation == .max)
        #expect(opened.record.payload == record.payload)
        #expect(opened.header.profile == shop)
        #expect(opened.header.provider == stytch)
    }

    @Test("no two sealings of one record are alike")
    func nonces() throws {
        let nonces = try (0..<200).map { _ in try EnvelopeHeader.parse(sealed()).header.nonce }
        #expect(Set(nonces).count == 200)
    }

    @Test("a torn file is malformed at every length")
    func truncated() throws {
        let bytes = try sealed()
        for length in bytes.indices { #expect(try error(Array(bytes[..<length])) == .malformed, "\(length) bytes") }
        #expect(try error(bytes + [0]) == .malformed)
    }

    @Test("every flipped bit is damage, and is never taken for a missing key or a newer version")
    func flipped() throws {
        let bytes = try sealed()
        for index in bytes.indices {
            for bit in 0..<8 {
                var flipped = bytes
                flipped[index] ^= 1 << bit
                let error = try error(flipped)
                #expect(
                    error == .malformed || error == .notAuthentic,
                    "bit \(bit) of byte \(index): \(String(describing: error))")
            }
        }
    }

    @Test("every field of the header is sealed too, whatever its checksum says")
    func forgedHeader() throws {
        let bytes = try sealed()
        let (header, length) = try EnvelopeHeader.parse(bytes)
        let forgeries: [(inout EnvelopeHeader) -> Void] = [
            { $0.generation += 1 }, { $0.generation = 0 }, { $0.nonce[0] ^= 1 },
        ]
        for forge in forgeries {
            var forged = header
            forge(&forged)
            #expect(try error(forged.encoded + bytes[length...]) == .notAuthentic)
        }
        var renamed = header
        renamed.profile = try #require(VaultName("till"))
        #expect(try error(renamed.encoded + bytes[length...], profile: "till") == .notAuthentic)
        renamed = header
        renamed.provider = try #require(VaultName("agnost"))
        #expect(try error(renamed.encoded + bytes[length...], provider: "agnost") == .notAuthentic)
    }

    @Test("another profile's and another provider's record are told apart before any key is asked for")
    func others() throws {
        #expect(try error(sealed(), profile: "till") == .otherProfile)
        #expect(try error(sealed(), provider: "agnost") == .otherProvider)
        // A name split elsewhere gives the same bytes in a row.
        #expect(try error(sealed(), profile: "shops", provider: "tytch") == .otherProfile)
    }

    @Test("a record of a missing key names the key")
    func missingKey() throws {
        let other = VaultKey(SymmetricKey(size: .bits256))
        let bytes = try SealedEnvelope.seal(record, profile: shop, provider: stytch, key: other).bytes
        #expect(try error(bytes) == .unknownKey(other.id))
    }

    @Test(
        "a later version is told as such, and a version that never was is not",
        arguments: [0, 2, 3, 0xFFFF] as [UInt16])
    func version(number: UInt16) throws {
        var bytes = Array(try sealed())
        let length = try EnvelopeHeader.parse(bytes).length
        bytes[8] = UInt8(number >> 8)
        bytes[9] = UInt8(number & 0xFF)
        let checksum = checksum(of: bytes[..<(length - 4)])
        for index in 0..<4 { bytes[length - 4 + index] = UInt8(truncatingIfNeeded: checksum >> UInt32(24 - 8 * index)) }
        #expect(try error(bytes) == (number == 0 ? .malformed : .newerVersion(number)))
    }

    @Test("the checksum is CRC-32")
    func checksumVector() {
        #expect(checksum(of: "123456789".utf8) == 0xCBF4_3926)
    }

    @Test("the layout is the documented one")
    func layout() throws {
        let bytes = try sealed()
        #expect(Array(bytes[..<8]) == Array("sessiond".utf8))
        #expect(Array(bytes[8..<12]) == [0, 1, 0, 56])
        #expect(Array(bytes[16..<24]) == [1, 2, 3, 4, 5, 6, 7, 8])
        #expect(Array(bytes[36..<42]) == [0, 0, 0, 6, 4, 6])
        #expect(Array(bytes[42..<52]) == Array("shopstytch".utf8))
        #expect(bytes.count == 56 + 6 + 16)
    }

    @Test("a payload over the limit is refused, not cut")
    func tooLarge() throws {
        let record = SealedRecord(
            generation: 1, payload: [UInt8](repeating: 0, count: EnvelopeHeader.payloadLimit + 1))
        #expect(throws: EnvelopeError.tooLarge) {
            _ = try SealedEnvelope.seal(record, profile: shop, provider: stytch, key: key)
        }
    }
}

@Suite("Names that may reach the disk")
struct VaultNameTests {
    @Test(
        "letters, digits, dot, underscore and hyphen are accepted",
        arguments: ["a", "shop-1", "A.b_C", String(repeating: "x", count: 64)])
    func accepted(name: String) {
        #expect(VaultName(name)?.text == name)
    }

    @Test(
        "anything else is refused",
        arguments: [
            "", ".", "..", ".hidden", "../x", "a/b", "/etc/passwd", "a\0b", "a b", "é", "a\n",
            String(repeating: "x", count: 65),
        ])
    func refused(name: String) throws {
        #expect(VaultName(name) == nil)
        let workshop = try Workshop()
        let vault = workshop.vault()
        let record = SealedRecord(generation: 1, payload: [1])
        #expect(throws: VaultError.storeFailed) { try vault.save(record, profile: name, provider: "stytch") }
        #expect(throws: VaultError.storeFailed) { try vault.save(record, profile: "shop", provider: name) }
        #expect(throws: VaultError.storeFailed) { _ = try vault.load(profile: name, provider: "stytch") }
        #expect(throws: VaultError.storeFailed) { try vault.remove(profile: name, provider: "stytch") }
        #expect(names(in: workshop.state) == ["lock"])
        #expect(workshop.events.contains(.nameRefused))
    }
}
