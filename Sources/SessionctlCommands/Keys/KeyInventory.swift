import SessionVault

/// The keys at hand beside the records that need them: which are missing, which are needed no more, and what to do next.
struct KeyInventory: Sendable {
    let holdings: [KeyHolding]
    let survey: RecordSurvey

    static func take(_ places: KeyPlaces, _ programs: any ProgramRunning) throws(CommandFailure) -> KeyInventory {
        let survey = try KeyFileFailure.wrapping(places.stateDirectory) { () throws(FileFault) in
            try RecordSurvey.of(stateDirectory: places.stateDirectory)
        }
        return KeyInventory(
            holdings: places.holdings(programs), survey: survey ?? .empty)
    }

    /// The key that a daemon which starts now seals with; nil where it would seal nothing.
    var current: String? { holdings.first?.ids.first }

    var known: Set<String> { Set(holdings.flatMap(\.ids)) }

    /// Files that no key at hand opens.
    var locked: [RecordSurvey.Entry] {
        survey.entries.filter { entry in
            if case .sealed(_, _, _, let key) = entry.contents { return !known.contains(key) }
            return false
        }
    }

    func files(under key: String) -> Int {
        survey.entries.count { entry in
            if case .sealed(_, _, _, key) = entry.contents { return true }
            return false
        }
    }

    /// Whether some file may need the key.
    func isNeeded(_ key: String) -> Bool { survey.neededKeys?.contains(key) ?? true }

    /// What brings a rotation, or a lost key, one step further; nil where all is as it should be.
    var next: String? {
        if let failure = holdings.lazy.compactMap(\.failure).first { return failure.remedy }
        if let missing = locked.first, case .sealed(_, _, _, let key) = missing.contents {
            return "put key \(key) back, after the current one in its file, or remove the files that need it"
        }
        guard let current, let first = holdings.first else { return nil }
        let isStale = survey.entries.contains { entry in
            if case .sealed(_, _, _, let key) = entry.contents { return !entry.isSetAside && key != current }
            return false
        }
        if isStale || survey.sealsUnder.map({ $0 != current }) == true {
            // A credential is handed over at the start alone.
            let command: ServiceCommand = first.place == .credential ? .restart : .reload
            return "`\(command.words)` has the daemon seal everything under \(current)"
        }
        if first.ids.dropFirst().contains(where: { !isNeeded($0) }), survey.sealsUnder == current {
            return "`sessionctl key rotate --finish` takes out the keys that nothing needs"
        }
        if let spare = holdings.dropFirst().first(where: { $0.ids.allSatisfy { $0 != current && !isNeeded($0) } }) {
            return "nothing needs \(spare.path) any more: keep a copy with the backups, and remove it"
        }
        return nil
    }
}

extension KeyHolding {
    var failure: CommandFailure? {
        if case .failure(let failure) = contents { return failure }
        return nil
    }
}
