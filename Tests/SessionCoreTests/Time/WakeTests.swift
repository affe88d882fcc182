import SessionCore
import SessionProtocol
import SessionTesting
import Testing

@Suite("Wake-ups")
struct WakeTests {
    @Test(
        "two are joined at the earlier, and no later than either may be",
        arguments: [
            (Wake(boot: 10), Wake(boot: 12, toleranceMs: 5), Wake(boot: 10)),
            (Wake(boot: 10, toleranceMs: 5), Wake(boot: 12), Wake(boot: 10, toleranceMs: 2)),
            (Wake(boot: 10, toleranceMs: 5), Wake(boot: 20), Wake(boot: 10, toleranceMs: 5)),
            (Wake(boot: 10, toleranceMs: 5), Wake(boot: 11, toleranceMs: 9), Wake(boot: 10, toleranceMs: 5)),
            (Wake(boot: 10), Wake(boot: .max), Wake(boot: 10)),
        ])
    func joined(one: Wake, other: Wake, both: Wake) {
        #expect(one.joined(with: other) == both)
        #expect(other.joined(with: one) == both)
    }

    @Test("the shared time is within the tolerance, and there are few of them")
    func shared() {
        for tolerance: Int64 in [0, 1, 2, 3, 15, 16, 31, 62, 1000] {
            let times = (1_000_000..<1_001_024).map { Wake(boot: $0, toleranceMs: tolerance) }
            for wake in times { #expect(wake.shared >= wake.boot && wake.shared <= wake.latest) }
            #expect(Int64(Set(times.map(\.shared)).count) <= 2 * 1024 / (tolerance + 1) + 1)
        }
        #expect(Wake(boot: .min).shared == .min && Wake(boot: .max).shared == .max)
    }

    @Test(
        "a heartbeat may be late by a sixteenth of its wait, a second at most, and the session's end not at all",
        arguments: [(180_000, nil, 1000), (8000, nil, 500), (1000, nil, 62), (8000, 60_000, 500), (8000, 8200, 200)])
    func heartbeat(intervalMs: Int64, expiresInMs: Int64?, toleranceMs: Int64) {
        let now = Moment(wall: 1_763_750_000_000, boot: 1_000_000)
        let policy = HeartbeatPolicy(intervalMs: intervalMs, jitter: 0)
        var machine = ProfileMachine(
            settings: ProfileSettings(profile: "p", instance: "i", traits: .scripted, heartbeat: policy), at: now)
        machine.restore(nil, at: now)
        let session = Confirmation.of("t", expiresAt: expiresInMs.map { now.wall + $0 })
        _ = machine.signedIn(session, since: machine.generation, at: now, dice: 0.5)
        #expect(
            machine.nextWake(after: now, isValidating: false, isRevoking: false)
                == Wake(boot: now.boot + intervalMs, toleranceMs: toleranceMs))
        // As soon as the wait is over the attempt is due; what is late only is the clock.
        #expect(machine.validationIsDue(at: Moment(wall: now.wall, boot: now.boot + intervalMs)))
    }
}
