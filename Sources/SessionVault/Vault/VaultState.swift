import SessionCore

/// What the vault knows while it runs.
///
/// Only this daemon writes in the state directory: it holds the lock. So a profile's file must be the very sealing
/// that this vault last wrote or read; an older one that was put back, by whomever, is recognised however well it is
/// sealed.
struct VaultState: Sendable {
    /// Keys once read, with those that have since left their file: they still open what they sealed.
    var ring: KeyRing?
    /// The version of the file that holds the current key.
    var keyFile: FileIdentity?
    /// The key that the state directory says this daemon seals with.
    var announced: KeyID?
    /// What a service manager keeps, or has kept, for the next process.
    var images = ImageState()
    /// The last problem that was told.
    private(set) var problem: KeyProblem?
    private var marks: [VaultName: Set<SealedEnvelope.Mark>] = [:]
    private var obstacles: [VaultName: VaultEvent] = [:]
    private(set) var events: [VaultEvent] = []

    mutating func tell(_ event: VaultEvent) {
        events.append(event)
    }

    /// A keeper asks again and again for a record that it cannot have: the log hears of it when the reason changes.
    mutating func tellOnce(_ event: VaultEvent, of profile: VaultName) {
        if obstacles.updateValue(event, forKey: profile) != event { tell(event) }
    }

    mutating func takeEvents() -> [VaultEvent] {
        defer { events = [] }
        return events
    }

    mutating func adopt(_ loaded: KeyStore.Loaded) -> KeyRing {
        let ring = ring.map { loaded.ring.adding($0.entries) } ?? loaded.ring
        self.ring = ring
        keyFile = loaded.identity
        if let key = loaded.created { tell(.keyCreated(key)) }
        if let setback = loaded.setback, setback != problem { tell(.keySourceSkipped(setback)) }
        problem = loaded.setback
        return ring
    }

    mutating func note(_ problem: KeyProblem) {
        if self.problem != problem { tell(.keyUnavailable(problem)) }
        self.problem = problem
    }

    /// Whether this sealing may be what lies under the profile's name. Before the first load anything may.
    func expects(_ mark: SealedEnvelope.Mark, of profile: VaultName) -> Bool {
        marks[profile]?.contains(mark) ?? true
    }

    /// Whether this process has read, written or removed the profile's record.
    func isSettled(_ profile: VaultName) -> Bool { marks[profile] != nil }

    /// The profile's file is now this sealing, or none.
    mutating func settle(_ profile: VaultName, on mark: SealedEnvelope.Mark?) {
        marks[profile] = mark.map { [$0] } ?? []
        obstacles[profile] = nil
    }

    /// The profile's file may be this sealing as well as what it was: the disk would not say.
    mutating func doubt(_ profile: VaultName, _ mark: SealedEnvelope.Mark) {
        marks[profile]?.insert(mark)
    }
}
