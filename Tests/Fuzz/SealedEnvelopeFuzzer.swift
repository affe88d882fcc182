// Hostile bytes against the sealed envelope and the key file, for libFuzzer. Built by build-sealed-envelope.sh together
// with the sources of the vault that it attacks.
import Crypto
import SessionCore

/// What every input is measured against: one record, sealed once under a key that no input knows.
private struct Original {
    let profile: VaultName
    let provider: VaultName
    let ring: KeyRing
    let record: SealedRecord
    let bytes: [UInt8]

    static let shared: Original = {
        guard let profile = VaultName("shop"), let provider = VaultName("stytch") else {
            preconditionFailure("valid names were refused")
        }
        let key = VaultKey(SymmetricKey(data: (0..<32).map { UInt8($0) ^ 0xA5 }))
        let record = SealedRecord(generation: 7, payload: Array("a session token and then some".utf8))
        do {
            let sealed = try SealedEnvelope.seal(record, profile: profile, provider: provider, key: key)
            return Original(
                profile: profile, provider: provider,
                ring: KeyRing(current: KeyRing.Entry(key: key, place: .stateDirectory)), record: record,
                bytes: sealed.bytes)
        } catch {
            preconditionFailure("the original could not be sealed")
        }
    }()

    /// Whatever opens is the sealed record itself.
    func attack(with file: [UInt8], mustFail: Bool) {
        guard let opened = try? SealedEnvelope.open(file, profile: profile, provider: provider, keys: ring) else {
            precondition(file != bytes, "the original no longer opens")
            return
        }
        precondition(!mustFail, "a changed envelope was opened")
        precondition(opened.record.payload == record.payload && opened.record.generation == record.generation)
    }
}

/// A header that can be read says exactly what its bytes say.
private func attackHeader(_ file: [UInt8]) {
    guard let (header, length) = try? EnvelopeHeader.parse(file) else { return }
    precondition(header.encoded == Array(file[..<length]), "one header has two spellings")
    precondition(file.count == length + header.payloadLength + EnvelopeHeader.tagLength)
}

/// Gives hostile fields the frame that gets them past the checksum.
private func framed(_ input: [UInt8]) -> [UInt8] {
    guard input.count > 46 else { return input }
    let length = 46 + Int(input[0]) % (input.count - 45)
    var file = input
    file.replaceSubrange(0..<8, with: EnvelopeHeader.Kind.record.magic)
    file.replaceSubrange(
        8..<12, with: [0, UInt8(EnvelopeHeader.version), UInt8(length >> 8 & 0xFF), UInt8(length & 0xFF)])
    let sum = checksum(of: file[..<(length - 4)])
    for index in 0..<4 { file[length - 4 + index] = UInt8(truncatingIfNeeded: sum >> UInt32(24 - 8 * index)) }
    return file
}

/// Keys that can be read are written and read again as the same keys.
private func attackKeyFile(_ file: [UInt8]) {
    guard let keys = try? KeyFileFormat.parse(file) else { return }
    precondition(!keys.isEmpty && keys.count <= KeyFileFormat.keyLimit)
    guard let again = try? KeyFileFormat.parse(KeyFileFormat.encode(keys)) else {
        preconditionFailure("a key file that was written cannot be read")
    }
    precondition(again.map(\.material) == keys.map(\.material))
}

/// libFuzzer's entry. The first byte chooses the attack, the rest is its material.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSealedEnvelope(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    let original = Original.shared
    guard let attack = input.first else {
        original.attack(with: [], mustFail: true)
        return 0
    }
    let body = Array(input.dropFirst())
    switch attack % 4 {
    case 0:
        attackHeader(body)
        original.attack(with: body, mustFail: false)
    case 1:
        let file = framed(body)
        attackHeader(file)
        original.attack(with: file, mustFail: false)
    case 2:
        // The input as a mask over the original, and what is left over as a tail.
        var file = original.bytes
        for (index, byte) in body.enumerated() {
            if index < file.count { file[index] ^= byte } else { file.append(byte) }
        }
        attackHeader(file)
        original.attack(with: file, mustFail: file != original.bytes)
    default: attackKeyFile(body)
    }
    return 0
}
