import SessionCore
import Testing

@testable import DaemonProcess

/// Time is an argument: nothing here waits.
@Suite("Liveness")
struct LivenessTests {
    typealias Standing = Liveness.Standing

    final class Keeper {}
    private let keeper = Keeper()
    private var id: ObjectIdentifier { ObjectIdentifier(keeper) }

    private static func sight(
        due: Int64? = nil, progress: Int64? = nil, checked: Int64? = nil, jobs: UInt64 = 0, isFailing: Bool = false
    ) -> KeeperSight {
        KeeperSight(
            vitals: KeeperVitals(heartbeatDueAt: due, progressAt: progress, checkedAt: checked),
            callTimeoutMs: 10_000, executorProgress: jobs, isStoreFailing: isFailing)
    }

    /// Patience of 10 s, started at 0, everything answered at 1000.
    private func healthy() -> Liveness {
        var liveness = Liveness(patienceMs: 10_000, heartbeatSlackMs: 30_000, at: 0)
        liveness.see([id: Self.sight()], store: StoreActivity(), sleptMs: 0, at: 0)
        liveness.socketAsked(at: 1000)
        liveness.keeperAsked(id, at: 1000)
        liveness.socketAnswered(.usable, at: 1000)
        liveness.keeperAnswered(id, at: 1000)
        return liveness
    }

    private func finding(_ leg: Liveness.Leg, of liveness: Liveness, at now: Int64) throws -> Liveness.Finding {
        try #require(liveness.verdict(at: now).findings.first { $0.leg == leg })
    }

    @Test("where all have answered all move, and what a finding rests on grows old")
    func moving() throws {
        let verdict = healthy().verdict(at: 4000)
        #expect(verdict.isAlive && verdict.isSettled && !verdict.isBroken)
        #expect(verdict.findings.map(\.leg) == Liveness.Leg.allCases)
        #expect(verdict.findings.allSatisfy { $0.standing == .moving && $0.detail == "ok" })
        #expect(try finding(.socket, of: healthy(), at: 4000).ageMs == 3000)
        #expect(try finding(.keepers, of: healthy(), at: 4000).ageMs == 3000)
    }

    @Test("an answer is waited for until the last one is there; one of a keeper that has gone is not")
    func waiting() {
        let (other, gone) = (Keeper(), Keeper())
        let all = [keeper, other, gone].map { ObjectIdentifier($0) }
        let sights = Dictionary(uniqueKeysWithValues: all.map { ($0, Self.sight()) })
        var liveness = Liveness(patienceMs: 10_000, at: 0)
        liveness.see(sights, store: StoreActivity(), sleptMs: 0, at: 0)
        #expect(!liveness.isWaiting)
        for id in all { liveness.keeperAsked(id, at: 1) }
        liveness.socketAsked(at: 1)
        liveness.keeperAnswered(all[0], at: 2)
        #expect(!liveness.isWaiting(for: all[0]) && liveness.isWaiting(for: all[1]))
        liveness.keeperAnswered(all[1], at: 2)
        #expect(liveness.isWaiting)
        liveness.see(sights.filter { $0.key != all[2] }, store: StoreActivity(), sleptMs: 0, at: 3)
        // Not asked, as it is not seen.
        liveness.keeperAsked(all[2], at: 3)
        #expect(liveness.isWaiting)
        liveness.socketAnswered(.usable, at: 4)
        #expect(!liveness.isWaiting)
    }

    static let waits: [(Int64, Standing)] = [
        (5000, .waiting), (14_999, .waiting), (15_000, .stuck), (600_000, .stuck),
    ]

    @Test("an answer may be waited for, and not for longer than the patience", arguments: waits)
    func patience(now: Int64, standing: Standing) throws {
        var liveness = healthy()
        liveness.socketAsked(at: 5000)
        liveness.keeperAsked(id, at: 5000)
        // Asking again does not begin anew.
        liveness.socketAsked(at: 9000)
        liveness.keeperAsked(id, at: 9000)
        #expect(try finding(.socket, of: liveness, at: now).standing == standing)
        #expect(try finding(.keepers, of: liveness, at: now).standing == standing)
        #expect(liveness.verdict(at: now).isAlive == (standing == .waiting))
        liveness.socketAnswered(.usable, at: now)
        liveness.keeperAnswered(id, at: now)
        #expect(liveness.verdict(at: now).isSettled)
    }

    @Test("a keeper whose executor gets on with other work is waited for, however long")
    func progress() throws {
        var liveness = healthy()
        liveness.keeperAsked(id, at: 5000)
        for step in 1...20 {
            let now = 5000 + Int64(step) * 8000
            liveness.see([id: Self.sight(jobs: UInt64(step))], store: StoreActivity(), sleptMs: 0, at: now)
            #expect(try finding(.keepers, of: liveness, at: now + 7000).standing == .waiting)
        }
        #expect(try finding(.keepers, of: liveness, at: 5000 + 20 * 8000 + 10_000).standing == .stuck)
    }

    @Test("a path that the daemon may not take is no reason for a restart; one that is dead is")
    func path() throws {
        var liveness = healthy()
        liveness.socketAnswered(.closed("connect failed: Permission denied"), at: 2000)
        #expect(try finding(.socket, of: liveness, at: 3000).standing == .failing)
        #expect(liveness.verdict(at: 3000).isAlive)
        liveness.socketAnswered(.dead, at: 4000)
        #expect(liveness.verdict(at: 4000).isBroken && !liveness.verdict(at: 4000).isAlive)
    }

    @Test("a disk that fails is told of and restarts nothing; one that does not answer is stuck")
    func store() throws {
        var liveness = healthy()
        var store = StoreActivity()
        liveness.see([id: Self.sight(isFailing: true)], store: store, sleptMs: 0, at: 2000)
        #expect(try finding(.store, of: liveness, at: 2000).standing == .failing)
        #expect(liveness.verdict(at: 2000).isAlive)
        store.begin(at: 3000)
        liveness.see([id: Self.sight()], store: store, sleptMs: 0, at: 3000)
        #expect(try finding(.store, of: liveness, at: 12_999).standing == .moving)
        #expect(try finding(.store, of: liveness, at: 13_000).standing == .stuck)
        // One that waited for another is waited for from that one's end.
        store.begin(at: 4000)
        store.end(at: 12_000)
        liveness.see([id: Self.sight()], store: store, sleptMs: 0, at: 12_000)
        #expect(try finding(.store, of: liveness, at: 21_999).standing == .moving)
        #expect(try finding(.store, of: liveness, at: 22_000).standing == .stuck)
        store.end(at: 23_000)
        liveness.see([id: Self.sight()], store: store, sleptMs: 0, at: 23_000)
        let ended = try finding(.store, of: liveness, at: 90_000)
        #expect(ended.standing == .moving && ended.ageMs == 67_000)
    }

    typealias Vitals = (due: Int64?, progress: Int64?)
    static let heartbeats: [(Vitals, Int64, Standing)] = [
        // Signed out: there is none.
        ((nil, 0), 10_000_000, .moving),
        ((100_000, nil), 140_000, .moving),
        ((100_000, nil), 140_001, .stuck),
        // Under way since 139 s, or a call that has failed since: progress.
        ((100_000, 139_000), 179_000, .moving),
        ((100_000, 139_000), 179_001, .stuck),
        // Backed off for long, however many have failed.
        ((356_000, 100_000), 390_000, .moving),
    ]

    @Test(
        "a heartbeat is overdue when timeout and slack have passed since it was due or last got on",
        arguments: heartbeats)
    func heartbeat(vitals: Vitals, now: Int64, standing: Standing) throws {
        var liveness = healthy()
        let sight = Self.sight(due: vitals.due, progress: vitals.progress)
        liveness.see([id: sight], store: StoreActivity(), sleptMs: 0, at: now)
        #expect(try finding(.heartbeats, of: liveness, at: now).standing == standing)
        // It is the keeper's own matter while its executor has not got round to it.
        liveness.keeperAsked(id, at: now)
        #expect(try finding(.heartbeats, of: liveness, at: now).standing == .moving)
    }

    @Test("time that the machine has slept through counts for nothing but heartbeats' ages")
    func sleep() throws {
        var liveness = healthy()
        var store = StoreActivity()
        store.begin(at: 2000)
        liveness.socketAsked(at: 2000)
        liveness.keeperAsked(id, at: 2000)
        let woken: Int64 = 30_000_000
        liveness.see([id: Self.sight(due: 5000, checked: 4000)], store: store, sleptMs: 29_000_000, at: woken)
        #expect(liveness.verdict(at: woken + 9999).isAlive)
        #expect(try finding(.heartbeats, of: liveness, at: woken).ageMs == woken - 4000)
        #expect(!liveness.verdict(at: woken + 10_000).isAlive)
    }

    @Test("a keeper that has gone is not waited for")
    func gone() {
        var liveness = healthy()
        liveness.keeperAsked(id, at: 2000)
        liveness.see([:], store: StoreActivity(), sleptMs: 0, at: 3000)
        #expect(liveness.verdict(at: 60_000).isAlive)
        liveness.keeperAnswered(id, at: 60_000)
        #expect(liveness.verdict(at: 60_000).isSettled)
    }
}
