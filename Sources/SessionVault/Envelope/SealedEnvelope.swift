import Crypto
import FoundationEssentials
import SessionCore

/// Turns a record into the bytes of its file and back: AES-256-GCM, with the whole header as associated data.
enum SealedEnvelope {
    /// Tells one sealing from every other: no two share nonce and tag.
    typealias Mark = [UInt8]

    struct Sealed {
        let bytes: [UInt8]
        let header: EnvelopeHeader
        let mark: Mark
    }

    struct Opened {
        var record: SealedRecord
        let header: EnvelopeHeader
        let mark: Mark
    }

    static func seal(
        _ record: SealedRecord, as kind: EnvelopeHeader.Kind = .record, profile: VaultName, provider: VaultName,
        key: VaultKey
    ) throws(EnvelopeError) -> Sealed {
        guard record.payload.count <= kind.payloadLimit else { throw .tooLarge }
        let nonce = AES.GCM.Nonce()
        let header = EnvelopeHeader(
            kind: kind, keyID: key.id, generation: record.generation, nonce: Array(nonce),
            payloadLength: record.payload.count,
            profile: profile, provider: provider)
        let front = header.encoded
        do {
            let box = try AES.GCM.seal(record.payload, using: key.material, nonce: nonce, authenticating: front)
            return Sealed(bytes: front + box.ciphertext + box.tag, header: header, mark: header.nonce + box.tag)
        } catch {
            // A key of 32 bytes and a nonce of 12 leave BoringSSL nothing to refuse but memory.
            throw .notAuthentic
        }
    }

    /// Opens the file of a profile. Says `otherProfile` and `otherProvider` before it asks for a key.
    static func open(
        _ file: [UInt8], as kind: EnvelopeHeader.Kind = .record, profile: VaultName, provider: VaultName, keys: KeyRing
    ) throws(EnvelopeError) -> Opened {
        let (header, length) = try EnvelopeHeader.parse(file, as: kind)
        guard header.profile == profile else { throw .otherProfile }
        guard header.provider == provider else { throw .otherProvider }
        guard let key = keys[header.keyID] else { throw .unknownKey(header.keyID) }
        let tagStart = file.count - EnvelopeHeader.tagLength
        do {
            let box = try AES.GCM.SealedBox(
                nonce: AES.GCM.Nonce(data: header.nonce), ciphertext: file[length..<tagStart], tag: file[tagStart...])
            var plain = try AES.GCM.open(box, using: key.material, authenticating: file[..<length])
            defer { wipe(&plain) }
            return Opened(
                record: SealedRecord(generation: header.generation, payload: Array(plain)), header: header,
                mark: header.nonce + file[tagStart...])
        } catch {
            throw .notAuthentic
        }
    }
}
