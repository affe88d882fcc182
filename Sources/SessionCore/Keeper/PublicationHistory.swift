import SessionProtocol

/// Turns each state of the machine into a publication: what changed, and whether it is a change or bookkeeping.
package struct PublicationHistory: Sendable {
    private let traits: ProviderTraits
    private(set) var latest: Publication

    package init(machine: ProfileMachine) {
        traits = machine.settings.traits
        let topics = traits.objects + ["phase", "heartbeat", "token"]
        latest = Publication(
            snapshot: machine.snapshot(revision: machine.settings.firstRevision), session: nil, deadline: nil,
            sequence: 0,
            topicSequences: Dictionary(uniqueKeysWithValues: topics.map { ($0, 0) }), changeSequence: 0,
            isDecided: machine.tenure != .loading)
    }

    /// The publication of this state; nil where readers would see no difference.
    package mutating func advance(to machine: ProfileMachine) -> Publication? {
        let old = latest.snapshot
        var new = machine.snapshot(revision: old.revision)
        let session = machine.held?.providerSession
        let deadline = machine.held?.deadline
        guard new != old || session?.tokens != latest.session?.tokens || deadline != latest.deadline else { return nil }

        var changed = traits.objects.filter { isChange(of: $0, from: old.objects[$0], to: new.objects[$0]) }
        if new.expiresAt != old.expiresAt, !changed.contains("session") { changed.append("session") }
        if new.phase != old.phase || new.challenge != old.challenge { changed.append("phase") }
        let hasChanged = !changed.isEmpty || new.cause != old.cause
        if hasChanged { new.revision += 1 }

        let sequence = latest.sequence + 1
        var topicSequences = latest.topicSequences
        for topic in changed { topicSequences[topic] = sequence }
        if new.heartbeat != old.heartbeat || new.lastValidatedAt != old.lastValidatedAt {
            topicSequences["heartbeat"] = sequence
        }
        if session?.tokens.sessionToken != latest.session?.tokens.sessionToken
            || session?.tokens.accessToken != latest.session?.tokens.accessToken
        {
            topicSequences["token"] = sequence
        }
        latest = Publication(
            snapshot: new, session: session, deadline: deadline, jwtDeadline: machine.held?.jwtDeadline,
            sequence: sequence, topicSequences: topicSequences,
            changeSequence: hasChanged ? sequence : latest.changeSequence)
        return latest
    }

    private func isChange(of object: String, from old: ObjectInfo?, to new: ObjectInfo?) -> Bool {
        if case .available(let oldValue, _) = old, case .available(let newValue, _) = new {
            return traits.isChange(of: object, from: oldValue, to: newValue)
        }
        return old != new
    }
}
