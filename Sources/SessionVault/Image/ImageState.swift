/// What the vault knows of images. Part of its state, under its lock, so that an image has records in the order in which
/// the disk had them.
struct ImageState: Sendable {
    /// What the next image says.
    private(set) var image = StateImage()
    /// Grows with every change of that.
    private(set) var version: UInt64 = 0
    /// How many images there have been, this process's and its predecessors'.
    private(set) var count: UInt64 = 0
    /// Those of the last process that have not been opened yet, the newest first.
    private(set) var offered: [OfferedImage] = []
    private var toldKept: Set<String> = []
    private var decisions: [Decision] = []

    /// What becomes of an offered image.
    enum Decision: Sendable {
        case retire(String)
        case discard(String)
    }

    mutating func put(_ entry: StateImage.Entry, of profile: VaultName) {
        image.entries[profile] = entry
        version += 1
    }

    /// As `put`, where it is newer than what the image says.
    mutating func putIfNewer(_ entry: StateImage.Entry, of profile: VaultName) {
        if let known = image.entries[profile], known.generation >= entry.generation { return }
        put(entry, of: profile)
    }

    mutating func drop(_ profile: VaultName) {
        if image.entries.removeValue(forKey: profile) != nil { version += 1 }
    }

    mutating func next() -> UInt64 {
        count += 1
        return count
    }

    /// Takes in what the last process has left. What is no image of this daemon's is refused, and so is a later
    /// daemon's: nobody could tell how it relates to the next.
    mutating func offer(_ images: [OfferedImage], areOld: Bool = false) -> [VaultEvent] {
        var events: [VaultEvent] = []
        var counted: [(UInt64, OfferedImage)] = []
        for offered in images {
            do throws(EnvelopeError) {
                let header = try EnvelopeHeader.parse(offered.bytes, as: .image).header
                // The count is believed before it is authenticated, to go on from; so it must leave room to go on.
                guard header.generation < UInt64(Int64.max) else { throw .malformed }
                count = max(count, header.generation)
                if areOld {
                    events.append(refuse(offered, .old))
                } else {
                    counted.append((header.generation, offered))
                }
            } catch {
                events.append(refuse(offered, VaultEvent.ImageDamage(error)))
            }
        }
        offered = counted.sorted { $0.0 > $1.0 }.map(\.1)
        return events
    }

    /// Takes the newest image that opens, for the profiles of which the vault does not know by now; what is older goes. A
    /// newer one whose key is not at hand stays: it may be back.
    mutating func openOffered(
        with ring: KeyRing, isDecided: (VaultName) -> Bool
    ) -> [VaultEvent] {
        var events: [VaultEvent] = []
        var waiting: [OfferedImage] = []
        var isOpen = false
        for offered in offered {
            if isOpen {
                decide(.retire(offered.name))
                continue
            }
            do throws(EnvelopeError) {
                for (profile, entry) in try StateImage.open(offered.bytes, keys: ring).entries
                where !isDecided(profile) {
                    put(entry, of: profile)
                }
                isOpen = true
                decide(.retire(offered.name))
            } catch {
                if case .unknownKey = error {
                    waiting.append(offered)
                } else {
                    events.append(refuse(offered, VaultEvent.ImageDamage(error)))
                }
            }
        }
        offered = waiting
        return events
            + waiting.filter { toldKept.insert($0.name).inserted }.map { .imageKept(name: $0.name) }
    }

    /// What is to be done at the place of images. Nothing, the second time.
    mutating func takeDecisions() -> [Decision] {
        defer { decisions = [] }
        return decisions
    }

    private mutating func refuse(_ offered: OfferedImage, _ damage: VaultEvent.ImageDamage) -> VaultEvent {
        decide(.discard(offered.name))
        return .imageRefused(name: offered.name, damage: damage)
    }

    private mutating func decide(_ decision: Decision) {
        decisions.append(decision)
        version += 1
    }
}

extension VaultEvent.ImageDamage {
    init(_ error: EnvelopeError) {
        switch error {
        case .newerVersion: self = .newer
        case .notAuthentic: self = .notAuthentic
        case .malformed, .otherProfile, .otherProvider, .unknownKey, .tooLarge: self = .malformed
        }
    }
}
