import SessionCore

/// All profiles' newest records, each in the envelope in which it lies on the disk, or would.
///
/// A service manager keeps it from process to process, so that the next daemon serves before it has read the disk, and has
/// what a full disk has refused. In plain it shows names and generations, which is why it is sealed as a whole; it holds
/// no record in plain at any time.
///
/// ```
/// 0   2  version of this format
/// 2   4  number of records
/// …   4  length, then the record's file, for each
/// ```
struct StateImage: Sendable {
    static let version: UInt16 = 1
    /// Names both in the header of an image's envelope.
    static let name = "state"

    struct Entry: Sendable, Hashable {
        let generation: UInt64
        let keyID: KeyID
        /// The record's file.
        let file: [UInt8]
    }

    var entries: [VaultName: Entry] = [:]

    /// The payload, in the order of the profiles' names.
    var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(entries.values.reduce(6) { $0 + 4 + $1.file.count })
        bytes.appendBigEndian(Self.version)
        bytes.appendBigEndian(UInt32(entries.count))
        for (_, entry) in entries.sorted(by: { $0.key.text < $1.key.text }) {
            bytes.appendBigEndian(UInt32(entry.file.count))
            bytes += entry.file
        }
        return bytes
    }

    init() {}

    init(_ bytes: [UInt8]) throws(EnvelopeError) {
        guard bytes.count >= 6 else { throw .malformed }
        let version = UInt16(truncatingIfNeeded: bytes.bigEndian(at: 0, count: 2))
        guard version <= Self.version else { throw .newerVersion(version) }
        guard version == Self.version else { throw .malformed }
        let count = Int(bytes.bigEndian(at: 2, count: 4))
        var start = 6
        for _ in 0..<count {
            guard bytes.count - start >= 4 else { throw .malformed }
            let length = Int(bytes.bigEndian(at: start, count: 4))
            start += 4
            guard bytes.count - start >= length else { throw .malformed }
            let file = Array(bytes[start..<(start + length)])
            start += length
            let header = try EnvelopeHeader.parse(file).header
            guard entries.updateValue(Entry(header, file), forKey: header.profile) == nil else { throw .malformed }
        }
        guard start == bytes.count else { throw .malformed }
    }

    /// Sealed as the `count`th image.
    func sealed(count: UInt64, key: VaultKey) throws(EnvelopeError) -> [UInt8] {
        guard let name = VaultName(Self.name) else { throw .malformed }
        return try SealedEnvelope.seal(
            SealedRecord(generation: count, payload: encoded), as: .image, profile: name, provider: name, key: key
        ).bytes
    }

    /// Opens what `sealed` has made.
    static func open(_ file: [UInt8], keys: KeyRing) throws(EnvelopeError) -> StateImage {
        guard let name = VaultName(Self.name) else { throw .malformed }
        return try StateImage(
            SealedEnvelope.open(file, as: .image, profile: name, provider: name, keys: keys).record.payload)
    }
}

extension StateImage.Entry {
    init(_ header: EnvelopeHeader, _ file: [UInt8]) {
        self.init(generation: header.generation, keyID: header.keyID, file: file)
    }
}
