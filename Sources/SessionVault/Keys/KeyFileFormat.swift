import Crypto
import FoundationEssentials

/// What is wrong with a key file. Never quotes it.
package enum KeyFileError: Error, Sendable, Hashable, CustomStringConvertible {
    /// No key in it.
    case empty
    /// Neither of the forms.
    case unrecognized
    /// 32 characters that somebody typed, or 32 equal bytes, where 32 random bytes were expected.
    case notRandom
    /// The line, counted from 1, holds no key.
    case line(Int)
    /// The id before the key is another key's: one of the two was mangled.
    case idMismatch(line: Int)
    case repeatedKey(line: Int)
    case tooManyKeys(limit: Int)

    package var description: String {
        switch self {
        case .empty: "holds no key"
        case .unrecognized:
            "is neither 32 bytes, nor 64 hexadecimal digits, nor 44 characters of base64, nor \"sessiond-key v1\""
        case .notRandom: "does not hold 32 random bytes: make one with head -c32 /dev/urandom"
        case .line(let line): "line \(line): expected a key as base64, with or without its id before it"
        case .idMismatch(let line): "line \(line): the id does not belong to this key"
        case .repeatedKey(let line): "line \(line): this key stands on an earlier line"
        case .tooManyKeys(let limit): "holds more than \(limit) keys"
        }
    }
}

/// The forms of a key file.
///
/// 32 raw bytes; one key as 64 hexadecimal digits or as base64; or several:
/// ```
/// sessiond-key v1
/// # the first key is current, the others only open what they have sealed
/// 1f2e3d4c qk3…=
/// 5a6b7c8d 0hT…=
/// ```
/// The id may be left out. White space at the ends of lines, empty lines and lines that start with `#` do not count.
enum KeyFileFormat {
    static let heading = "sessiond-key v1"
    static let keyLimit = 64
    /// Bytes.
    static let fileLimit = 16_384

    static func parse(_ file: [UInt8]) throws(KeyFileError) -> [VaultKey] {
        if file.count == VaultKey.length { return [try key(raw: file)] }
        let lines = file.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(trimmed)
        let meaningful = lines.indices.filter { !lines[$0].isEmpty && lines[$0].first != UInt8(ascii: "#") }
        guard let first = meaningful.first else { throw .empty }
        if lines[first].elementsEqual(heading.utf8) {
            return try parse(lines, at: meaningful.dropFirst())
        }
        guard meaningful.count == 1, var bytes = decoded(lines[first]) else { throw .unrecognized }
        defer { wipe(&bytes) }
        return [try key(raw: bytes)]
    }

    /// The form with several keys. The caller wipes it.
    static func encode(_ keys: [VaultKey]) -> [UInt8] {
        var file = Array("\(heading)\n# The first key is current; the others only open what they have sealed.\n".utf8)
        for key in keys {
            file += "\(key.id) ".utf8
            var text = key.material.withUnsafeBytes { Data($0).base64EncodedData() }
            file += text
            wipe(&text)
            file.append(UInt8(ascii: "\n"))
        }
        return file
    }

    private static func parse(
        _ lines: [ArraySlice<UInt8>], at indices: ArraySlice<Int>
    ) throws(KeyFileError) -> [VaultKey] {
        guard !indices.isEmpty else { throw .empty }
        guard indices.count <= keyLimit else { throw .tooManyKeys(limit: keyLimit) }
        var keys: [VaultKey] = []
        for index in indices {
            let fields = lines[index].split(whereSeparator: isSpace)
            guard (1...2).contains(fields.count), let text = fields.last, var bytes = decoded(text) else {
                throw .line(index + 1)
            }
            defer { wipe(&bytes) }
            let key = try key(raw: bytes)
            if fields.count == 2, KeyID(String(decoding: fields[0], as: UTF8.self)) != key.id {
                throw .idMismatch(line: index + 1)
            }
            if keys.contains(where: { $0.id == key.id }) { throw .repeatedKey(line: index + 1) }
            keys.append(key)
        }
        return keys
    }

    /// Refuses what no random source gives, such as a typed password or the zeros of a file that was never written.
    private static func key(raw bytes: [UInt8]) throws(KeyFileError) -> VaultKey {
        let isTyped = bytes.allSatisfy { (0x20...0x7E).contains($0) || isSpace($0) }
        guard bytes.count == VaultKey.length, !isTyped, bytes.contains(where: { $0 != bytes[0] }) else {
            throw .notRandom
        }
        return VaultKey(SymmetricKey(data: bytes))
    }

    private static func decoded(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        if text.count == 2 * VaultKey.length { return hexadecimal(text) }
        guard var data = Data(base64Encoded: Data(text)), data.count == VaultKey.length else { return nil }
        defer { wipe(&data) }
        return Array(data)
    }

    private static func hexadecimal(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        var high: UInt8?
        for character in text {
            guard let digit = Character(UnicodeScalar(character)).hexDigitValue else { return nil }
            if let known = high {
                bytes.append(known << 4 | UInt8(digit))
                high = nil
            } else {
                high = UInt8(digit)
            }
        }
        return bytes
    }

    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let start = line.drop(while: isSpace)
        guard let last = start.lastIndex(where: { !isSpace($0) }) else { return [] }
        return start[...last]
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A
    }
}
