import Crypto

/// Where a key comes from.
package enum KeyPlace: String, Sendable, Hashable {
    /// Handed over by the service manager.
    case credential
    /// Named in the configuration.
    case file
    /// `master.key` in the state directory.
    case stateDirectory
}

/// One master key of 256 bits.
struct VaultKey: Sendable {
    static let length = 32
    private static let label = Array("sessiond key id 1\n".utf8)

    let id: KeyID
    let material: SymmetricKey

    init(_ material: SymmetricKey) {
        var hash = SHA256()
        hash.update(data: Self.label)
        material.withUnsafeBytes { hash.update(bufferPointer: $0) }
        self.id = KeyID(number: hash.finalize().prefix(4).reduce(0) { $0 << 8 | UInt32($1) })
        self.material = material
    }
}

/// Every key at hand, the current one first.
struct KeyRing: Sendable {
    struct Entry: Sendable {
        let key: VaultKey
        let place: KeyPlace
    }

    /// New records are sealed with this one.
    let current: Entry
    private(set) var others: [Entry] = []

    init(current: Entry) {
        self.current = current
    }

    /// The first of the entries becomes current; nil where there is none. A key that is there twice counts once.
    init?(_ entries: [Entry]) {
        guard let first = entries.first else { return nil }
        self.init(current: first)
        self = adding(entries)
    }

    /// The same current key, and those of the entries that are not here yet.
    func adding(_ entries: [Entry]) -> KeyRing {
        var ring = self
        for entry in entries where ring[entry.key.id] == nil { ring.others.append(entry) }
        return ring
    }

    var entries: [Entry] { [current] + others }

    subscript(id: KeyID) -> VaultKey? {
        entries.first { $0.key.id == id }?.key
    }

    /// The keys of one place, in the order of its file.
    func keys(from place: KeyPlace) -> [VaultKey] {
        entries.filter { $0.place == place }.map(\.key)
    }
}
