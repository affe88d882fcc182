import SessionCore
import SessionProtocol
import SessionTesting
import Testing

/// A way to every cause and phase of docs/protocol.md, section 4.
@Suite("Causes and phases")
struct CauseTests {
    private struct Way: Sendable {
        let cause: Cause.Kind
        let phase: Phase
        let walk: @Sendable (inout ProfileMachine) -> Void
    }

    private static let start = Moment(wall: 1_763_750_000_000, boot: 1_000_000)
    private static let later = Moment(wall: start.wall + 60_000, boot: start.boot + 60_000)

    private static let ways: [Way] = [
        Way(cause: .neverSignedIn, phase: .loading) { _ in },
        Way(cause: .neverSignedIn, phase: .signedOut) { $0.restore(nil, at: start) },
        Way(cause: .signedIn, phase: .active) { signIn(&$0) },
        Way(cause: .restored, phase: .unverified) { machine in
            signIn(&machine)
            let record = machine.record
            machine.restore(record, at: start)
        },
        Way(cause: .validated, phase: .active) { machine in
            handIn(&machine)
            answer(&machine, .confirmed(.of("t1", expiresAt: nil)))
        },
        Way(cause: .extended, phase: .active) { change(&$0, .extended) },
        Way(cause: .accountSwitched, phase: .active) { change(&$0, .accountSwitched) },
        Way(cause: .locked, phase: .locked) { change(&$0, .locked, isLocked: true) },
        Way(cause: .unlocked, phase: .active) { machine in
            change(&machine, .locked, isLocked: true)
            answer(&machine, .confirmed(.of("t1", expiresAt: nil)))
        },
        Way(cause: .updated, phase: .unverified) { handIn(&$0) },
        Way(cause: .revoked, phase: .signedOut) { machine in
            signIn(&machine)
            _ = machine.queueRevocation(.current, id: "r", at: start)
            machine.revokedLocally(at: start)
        },
        Way(cause: .endedElsewhere, phase: .signedOut) { machine in
            signIn(&machine)
            answer(&machine, .ended(.endedElsewhere))
        },
        Way(cause: .expired, phase: .signedOut) { machine in
            signIn(&machine, expiresAt: later.wall)
            machine.elapse(to: later)
        },
        Way(cause: .invalidated, phase: .signedOut) { machine in
            signIn(&machine)
            machine.invalidated(at: start)
        },
        Way(cause: .cleared, phase: .active) { machine in
            signIn(&machine)
            machine.cleared(at: start)
        },
        Way(cause: .upstreamUnavailable, phase: .stale) { machine in
            signIn(&machine)
            answer(&machine, .unreachable())
        },
        Way(cause: .misconfigured, phase: .stale) { machine in
            signIn(&machine)
            answer(&machine, .misconfigured(reason: "r"))
        },
        Way(cause: .keyUnavailable, phase: .sealed) { $0.seal(at: start) },
        Way(cause: .recordCorrupt, phase: .signedOut) { $0.startOver(at: start) },
        Way(cause: .challenged, phase: .challenged) { machine in
            machine.restore(nil, at: start)
            machine.challenged(PendingChallenge(challenge: Challenge(id: "c", kind: "otp", expiresAt: nil)), at: start)
        },
    ]

    private static func signIn(_ machine: inout ProfileMachine, expiresAt: Int64? = nil) {
        machine.restore(nil, at: start)
        let isHeld = machine.signedIn(
            .of("t1", expiresAt: expiresAt), since: machine.generation, at: start, dice: 0.5)
        #expect(isHeld)
    }

    private static func handIn(_ machine: inout ProfileMachine) {
        guard let token = Secret("t1") else { return }
        machine.handedIn(HandedInSession(sessionToken: token), tokens: TokenSet(sessionToken: token), at: start)
    }

    private static func answer(_ machine: inout ProfileMachine, _ outcome: ProviderOutcome) {
        guard let ticket = machine.beginValidation(at: start) else {
            Issue.record("no session is held")
            return
        }
        _ = machine.finishValidation(ticket, outcome, isRecheck: true, at: start, dice: 0.5)
    }

    private static func change(_ machine: inout ProfileMachine, _ cause: Cause.Kind, isLocked: Bool = false) {
        signIn(&machine)
        var confirmation = Confirmation.of("t1", expiresAt: nil)
        confirmation.isLocked = isLocked
        machine.changed(confirmation, cause: cause, since: machine.generation, at: start, dice: 0.5)
    }

    @Test("every way leads to its cause and phase", arguments: ways.indices)
    func way(index: Int) {
        let way = Self.ways[index]
        var machine = ProfileMachine(
            settings: ProfileSettings(profile: "p", instance: "i", traits: .scripted), at: Self.start)
        way.walk(&machine)
        let snapshot = machine.snapshot(revision: 0)
        #expect(snapshot.cause.kind == way.cause && snapshot.phase == way.phase)
    }

    @Test("no cause and no phase is without a way")
    func complete() {
        #expect(Set(Self.ways.map(\.cause)) == Set(Cause.Kind.all))
        #expect(Set(Self.ways.map(\.phase)) == Set(Phase.allCases))
    }
}
