import SessionCore
import SessionProtocol
import SessionTesting
import Testing

/// The machine by itself, over random orders of events and of answers that come late or never.
@Suite("The machine in random orders", .timeLimit(.minutes(3)))
struct MachineOrderTests {
    @Test(
        "ended sessions stay ended, late answers change nothing, ends are kept, records survive", arguments: 0..<50)
    func story(seed: UInt64) {
        var story = MachineStory(seed: seed)
        // Never suspends, so each story is short: other tests wait for a thread.
        for _ in 0..<100 { story.step() }
    }
}

private struct MachineStory {
    private var dice: SplitMix
    private var now = Moment(wall: 1_763_750_000_000, boot: 1_000_000)
    private var machine: ProfileMachine
    private var tickets: [QuestionTicket] = []
    private var issued = 0
    private var ended: Set<String> = []

    private static let settings = ProfileSettings(profile: "p", instance: "i", traits: .scripted)

    init(seed: UInt64) {
        dice = SplitMix(state: seed)
        machine = ProfileMachine(settings: Self.settings, at: now)
        machine.restore(nil, at: now)
    }

    private var token: String? {
        guard case .held(let session) = machine.tenure else { return nil }
        return session.tokens.sessionToken?.reveal()
    }

    mutating func step() {
        let before = machine
        let held = token
        event()
        machine.elapse(to: now)
        if let held, held != token { ended.insert(held) }
        check(after: before)
    }

    private mutating func event() {
        let chance = Double(dice.next() % 1000) / 1000
        switch dice.next() % 17 {
        case 0:
            issued += 1
            _ = machine.signedIn(confirmation("t\(issued)"), since: machine.generation, at: now, dice: chance)
        case 1:
            issued += 1
            guard let token = Secret("t\(issued)") else { return }
            machine.handedIn(HandedInSession(sessionToken: token), tokens: TokenSet(sessionToken: token), at: now)
        case 2, 3: if let ticket = machine.beginValidation(at: now) { tickets.append(ticket) }
        case 4, 5, 6: answer(chance)
        case 7: lateStepUp(chance)
        case 8: if let token { change(token, chance) }
        case 9: pass(Int64(dice.next() % 300_000))
        case 10:
            now = Moment(wall: now.wall + Int64(dice.next() % 4_000_000) - 2_000_000, boot: now.boot)
            machine.hurry(at: now, dice: chance)
            machine.hurryRevocations(at: now)
        case 11:
            _ = machine.queueRevocation(.current, id: "r\(dice.next())", at: now)
            if dice.next() % 2 == 0 { machine.revokedLocally(at: now) }
        case 12: settleRevocation(chance)
        case 13: machine.invalidated(at: now)
        case 14: machine.cleared(at: now)
        case 15:
            let end = now.wall + Int64(dice.next() % 100_000)
            machine.challenged(PendingChallenge(challenge: Challenge(id: "c", kind: "otp", expiresAt: end)), at: now)
        default: restart()
        }
    }

    /// Answers one of the questions under way, the oldest or the newest.
    private mutating func answer(_ chance: Double) {
        guard !tickets.isEmpty else { return }
        let ticket = tickets.remove(at: Int(dice.next() % UInt64(tickets.count)))
        let asked = ticket.session.tokens.sessionToken?.reveal() ?? ""
        let outcomes: [ProviderOutcome] = [
            .confirmed(confirmation(asked)), .ended(.endedElsewhere), .ended(.expired), .unreachable(),
            .throttled(retryAfterMs: 9000), .misconfigured(reason: "r"), .rejected(reason: "r"), .needsRecheck,
        ]
        let outcome = outcomes[Int(dice.next() % UInt64(outcomes.count))]
        var elapsed = machine
        elapsed.elapse(to: now)
        let verdict = machine.finishValidation(ticket, outcome, isRecheck: dice.next() % 2 == 0, at: now, dice: chance)
        if verdict == .superseded { #expect(machine.tenure == elapsed.tenure, "a late answer was taken") }
        if verdict != .superseded, verdict != .ended { #expect(token == nil || token == asked) }
    }

    private mutating func lateStepUp(_ chance: Double) {
        guard let token else { return }
        let generation = machine.generation
        if dice.next() % 2 == 0 { machine.invalidated(at: now) }
        var confirmation = confirmation(token)
        confirmation.isStepUp = true
        _ = machine.signedIn(confirmation, since: generation, at: now, dice: chance)
    }

    private mutating func change(_ token: String, _ chance: Double) {
        let generation = machine.generation
        if dice.next() % 4 == 0 { machine.invalidated(at: now) }
        machine.changed(confirmation(token), cause: .extended, since: generation, at: now, dice: chance)
    }

    private mutating func settleRevocation(_ chance: Double) {
        guard let entry = machine.revocations.first else { return }
        switch dice.next() % 3 {
        case 0: machine.revocationConfirmed(entry, at: now)
        case 1: machine.revocationWithdrawn(entry)
        default: machine.revocationFailed(entry, retryAfterMs: nil, at: now, dice: chance)
        }
    }

    private mutating func pass(_ span: Int64) { now = Moment(wall: now.wall + span, boot: now.boot + span) }

    private mutating func restart() {
        let record = machine.record
        let read = record.flatMap { StoredProfile(encoded: $0.encoded) }
        #expect(read == record, "a record reads as it was written")
        let revocations = machine.revocations.map(\.stored)
        machine = ProfileMachine(settings: Self.settings, at: now)
        machine.restore(read, at: now)
        #expect(machine.revocations.map(\.stored) == revocations, "no queued revocation is lost")
        tickets = []
    }

    private mutating func confirmation(_ token: String) -> SessionCore.Confirmation {
        .of(token, expiresAt: dice.next() % 3 == 0 ? nil : now.wall + Int64(dice.next() % 1_000_000))
    }

    private func check(after before: ProfileMachine) {
        let snapshot = machine.snapshot(revision: 0)
        if let token {
            #expect(!ended.contains(token), "an ended session is held again")
            #expect(snapshot.heartbeat.nextAttemptAt != nil)
            #expect(
                machine.nextWake(after: now, isValidating: false, isRevoking: false) != nil, "nothing would wake it")
            #expect(Set([.unverified, .active, .stale]).contains(snapshot.phase))
        } else {
            #expect(snapshot.heartbeat.nextAttemptAt == nil && snapshot.expiresAt == nil)
            #expect(Set([.signedOut, .challenged]).contains(snapshot.phase))
        }
        if case .held(let session) = machine.tenure, let deadline = session.deadline {
            #expect(!deadline.hasPassed(at: now), "a session outlived its end")
            let wake = machine.nextWake(after: now, isValidating: true, isRevoking: true)?.boot ?? .max
            #expect(wake > now.boot && wake <= deadline.boot, "its end would be slept through, or spun on")
        }
        #expect(Cause.Kind.all.contains(snapshot.cause.kind))
        #expect(Set(snapshot.objects.keys) == ["session", "user"])
    }
}
