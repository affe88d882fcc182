import Crypto
import FoundationEssentials
import Testing

@testable import SessionVault

@Suite("Key files")
struct KeyFileFormatTests {
    static func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }
    static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
    static func keyID(_ bytes: [UInt8]) -> String { VaultKey(SymmetricKey(data: bytes)).id.description }

    static let one = keyBytes(1)
    static let two = keyBytes(2)

    @Test(
        "one key in any form is the same key",
        arguments: [
            one, Array(base64(one).utf8), Array((base64(one) + "\n").utf8), Array("  \(base64(one))\r\n\n".utf8),
            Array(hexadecimal(one).utf8), Array((hexadecimal(one).uppercased() + "\n").utf8),
            Array("# made on a Monday\n\(base64(one))\n".utf8),
            Array("sessiond-key v1\n\(base64(one))".utf8),
            Array("sessiond-key v1\r\n\(keyID(one)) \(base64(one))\r\n".utf8),
            Array("sessiond-key v1\n\(hexadecimal(one))\n".utf8),
        ])
    func oneKey(file: [UInt8]) throws {
        let keys = try KeyFileFormat.parse(file)
        #expect(keys.map(\.material) == [SymmetricKey(data: Self.one)])
    }

    @Test("of several keys the first is current")
    func severalKeys() throws {
        let text =
            "sessiond-key v1\n# new\n\(Self.keyID(Self.two)) \(Self.base64(Self.two))\n\n\(Self.base64(Self.one))\n"
        let keys = try KeyFileFormat.parse(Array(text.utf8))
        #expect(keys.map(\.material) == [SymmetricKey(data: Self.two), SymmetricKey(data: Self.one)])
    }

    @Test("what is written is read back")
    func roundTrip() throws {
        let keys = (0..<5).map { _ in VaultKey(SymmetricKey(size: .bits256)) }
        #expect(try KeyFileFormat.parse(KeyFileFormat.encode(keys)).map(\.material) == keys.map(\.material))
    }

    @Test(
        "anything else is refused and says what is wrong",
        arguments: [
            ("", .empty), ("\n \n# nothing\n", .empty), ("sessiond-key v1\n", .empty),
            ("hunter2", .unrecognized), (base64(Array(one.dropLast())), .unrecognized),
            (String(hexadecimal(one).dropLast()), .unrecognized), ("sessiond-key v2\n\(base64(one))", .unrecognized),
            ("\(base64(one))\n\(base64(two))\n", .unrecognized),
            ("changemechangemechangemechangeme", .notRandom), (base64([UInt8](repeating: 0, count: 32)), .notRandom),
            ("sessiond-key v1\nnonsense\n", .line(2)), ("sessiond-key v1\n\n\(base64(one)) x y\n", .line(3)),
            ("sessiond-key v1\n00000000 \(base64(one))\n", .idMismatch(line: 2)),
            ("sessiond-key v1\n\(keyID(two)) \(base64(one))\n", .idMismatch(line: 2)),
            ("sessiond-key v1\n\(base64(one))\n\(keyID(one)) \(base64(one))\n", .repeatedKey(line: 3)),
            (
                "sessiond-key v1\n" + (0..<65).map { base64(keyBytes($0)) }.joined(separator: "\n"),
                .tooManyKeys(limit: 64)
            ),
        ] as [(String, KeyFileError)])
    func refused(text: String, error: KeyFileError) {
        #expect(throws: error) { _ = try KeyFileFormat.parse(Array(text.utf8)) }
        #expect(!error.description.contains("hunter2"))
    }

    @Test("a file of zeros, as a crash may leave, is no key")
    func zeros() {
        #expect(throws: KeyFileError.notRandom) { _ = try KeyFileFormat.parse([UInt8](repeating: 0, count: 32)) }
    }

    @Test(
        "an id is 8 lower-case hexadecimal digits",
        arguments: ["", "1234567", "123456789", "ABCDEF01", "+1234567", "1234567g"])
    func strictID(text: String) {
        #expect(KeyID(text) == nil)
        #expect(KeyID("0000beef")?.description == "0000beef")
    }
}
