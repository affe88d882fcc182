/// Why bytes are not a record that can be opened.
enum EnvelopeError: Error, Hashable, Sendable {
    /// Torn, flipped or never ours.
    case malformed
    /// Whole, and written by a later sessiond.
    case newerVersion(UInt16)
    /// Whole, and somebody else's.
    case otherProfile
    case otherProvider
    case unknownKey(KeyID)
    /// Whole to the eye, and not what was sealed.
    case notAuthentic
    case tooLarge
}

/// The readable front of a sealed record, all of which is authenticated with it.
///
/// ```
/// 0   8  magic "sessiond", of an image "sessimag"
/// 8   2  version
/// 10  2  length of this header
/// 12  4  key id
/// 16  8  generation
/// 24 12  nonce
/// 36  4  length of the cipher text, without its tag of 16 bytes
/// 40  1  length of the profile name      41  1  length of the provider's
/// 42  …  profile name, provider name
///     4  CRC-32 of all before it
/// ```
/// Numbers are big-endian. Magic, version, length and the trailing checksum stay where they are in every version. The
/// checksum tells a damaged key id or version from a key that is missing or a sessiond that is newer: the former is
/// corrupt, the latter must wait.
struct EnvelopeHeader: Hashable, Sendable {
    /// What is sealed. The magic tells one from the other, so that neither can be passed off as the other.
    enum Kind: Hashable, Sendable {
        case record
        /// All records together, for the service manager to keep. Its generation is the count of images, and its names are
        /// `imageName`.
        case image

        var magic: [UInt8] { Array((self == .record ? "sessiond" : "sessimag").utf8) }
        /// The largest payload that is sealed or opened, in bytes. An image is made anew with every change, and is in memory three times then; a unit has a limit of that.
        var payloadLimit: Int { self == .record ? 8 << 20 : 9 << 20 }
        /// The largest file that can be one, in bytes.
        var fileLimit: Int { fixedLength + 2 * VaultName.longest + checksumLength + payloadLimit + tagLength }
    }

    static let version: UInt16 = 1
    static let nonceLength = 12
    static let tagLength = 16
    private static let fixedLength = 42
    private static let checksumLength = 4
    /// The largest file that can be a record, in bytes.
    static let fileLimit = Kind.record.fileLimit
    static let payloadLimit = Kind.record.payloadLimit

    var kind = Kind.record
    var keyID: KeyID
    var generation: UInt64
    /// 12 bytes, never used twice under one key.
    var nonce: [UInt8]
    var payloadLength: Int
    var profile: VaultName
    var provider: VaultName

    var encoded: [UInt8] {
        let names = Array(profile.text.utf8) + Array(provider.text.utf8)
        var bytes = kind.magic
        bytes.appendBigEndian(Self.version)
        bytes.appendBigEndian(UInt16(Self.fixedLength + names.count + Self.checksumLength))
        bytes.appendBigEndian(keyID.number)
        bytes.appendBigEndian(generation)
        bytes += nonce
        bytes.appendBigEndian(UInt32(payloadLength))
        bytes.append(UInt8(profile.text.utf8.count))
        bytes.append(UInt8(provider.text.utf8.count))
        bytes += names
        bytes.appendBigEndian(checksum(of: bytes))
        return bytes
    }

    /// Reads the front of a whole file. Every bit before the cipher text is accounted for, and so is the file's length.
    static func parse(
        _ file: [UInt8], as kind: Kind = .record
    ) throws(EnvelopeError) -> (header: EnvelopeHeader, length: Int) {
        guard file.starts(with: kind.magic), file.count >= 12 else { throw .malformed }
        let version = UInt16(truncatingIfNeeded: file.bigEndian(at: 8, count: 2))
        let length = Int(file.bigEndian(at: 10, count: 2))
        guard length >= 12 + checksumLength, length <= file.count,
            file.bigEndian(at: length - checksumLength, count: checksumLength)
                == UInt64(checksum(of: file[..<(length - checksumLength)]))
        else { throw .malformed }
        guard version <= Self.version else { throw .newerVersion(version) }
        guard version == Self.version, length >= fixedLength + checksumLength else { throw .malformed }

        let profileEnd = fixedLength + Int(file[40])
        let providerEnd = profileEnd + Int(file[41])
        let payloadLength = Int(file.bigEndian(at: 36, count: 4))
        guard providerEnd + checksumLength == length, payloadLength <= kind.payloadLimit,
            file.count == length + payloadLength + tagLength,
            let profile = VaultName(bytes: file[fixedLength..<profileEnd]),
            let provider = VaultName(bytes: file[profileEnd..<providerEnd])
        else { throw .malformed }
        let header = EnvelopeHeader(
            kind: kind, keyID: KeyID(number: UInt32(truncatingIfNeeded: file.bigEndian(at: 12, count: 4))),
            generation: file.bigEndian(at: 16, count: 8), nonce: Array(file[24..<36]),
            payloadLength: payloadLength, profile: profile, provider: provider)
        return (header, length)
    }
}

extension [UInt8] {
    mutating func appendBigEndian<Number: FixedWidthInteger & UnsignedInteger>(_ number: Number) {
        for shift in stride(from: Number.bitWidth - 8, through: 0, by: -8) {
            append(UInt8(truncatingIfNeeded: number >> Number(shift)))
        }
    }

    /// The caller has checked that the bytes are there.
    func bigEndian(at start: Int, count: Int) -> UInt64 {
        self[start..<(start + count)].reduce(0) { $0 << 8 | UInt64($1) }
    }
}

/// CRC-32 as in IEEE 802.3. It guards against accidents only; the seal guards against the rest.
func checksum(of bytes: some Sequence<UInt8>) -> UInt32 {
    var checksum = UInt32.max
    for byte in bytes {
        checksum ^= UInt32(byte)
        for _ in 0..<8 { checksum = (checksum >> 1) ^ (checksum & 1 == 0 ? 0 : 0xEDB8_8320) }
    }
    return ~checksum
}
