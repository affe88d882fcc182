import Crypto

/// What a key file holds, for tools: it shows ids, and keys only as a whole file.
package struct KeyFileContents: Sendable {
    /// The current one first; never empty.
    let keys: [VaultKey]

    /// One new key.
    package static func fresh() -> KeyFileContents {
        KeyFileContents(keys: [VaultKey(SymmetricKey(size: .bits256))])
    }

    private init(keys: [VaultKey]) {
        self.keys = keys
    }

    package init(_ file: [UInt8]) throws(KeyFileError) {
        keys = try KeyFileFormat.parse(file)
    }

    /// 8 hexadecimal digits a key, the current one first.
    package var ids: [String] { keys.map(\.id.description) }

    /// The same keys behind a new one, which is current.
    package func rotated() throws(KeyFileError) -> KeyFileContents {
        guard keys.count < KeyFileFormat.keyLimit else { throw .tooManyKeys(limit: KeyFileFormat.keyLimit) }
        var key = VaultKey(SymmetricKey(size: .bits256))
        while keys.contains(where: { $0.id == key.id }) { key = VaultKey(SymmetricKey(size: .bits256)) }
        return KeyFileContents(keys: [key] + keys)
    }

    /// The current key, and of the others those with one of the ids.
    package func keeping(_ ids: Set<String>) -> KeyFileContents {
        KeyFileContents(keys: keys.prefix(1) + keys.dropFirst().filter { ids.contains($0.id.description) })
    }

    /// The file, which the caller wipes.
    package var encoded: [UInt8] { KeyFileFormat.encode(keys) }
}
