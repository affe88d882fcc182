import SessionCore

extension Liveness {
    /// The parts that are judged, by the names that `server.health` gives them.
    package enum Leg: String, Sendable, CaseIterable {
        case socket, keepers, store, heartbeats
    }

    package enum Standing: Sendable, Hashable {
        /// It moves.
        case moving
        /// It has not answered yet; not for long enough to say more.
        case waiting
        /// It moves and fails at it. A restart would not help.
        case failing
        /// It has not moved for longer than it may.
        case stuck
        /// It is broken for good: only a restart helps, and waiting does not.
        case broken
    }

    package struct Finding: Sendable, Hashable {
        package let leg: Leg
        package let standing: Standing
        /// For people; no names in it.
        package let detail: String
        /// How old what it rests on is.
        package let ageMs: Int64

        /// Whether a client's work is not hampered, as far as this goes.
        package var isOK: Bool { standing == .moving || standing == .waiting }
        package var isStuck: Bool { standing == .stuck || standing == .broken }
    }

    package struct Verdict: Sendable, Hashable {
        /// In the order of `Leg`.
        package let findings: [Finding]

        /// Whether the service manager may be told that the daemon lives.
        package var isAlive: Bool { !findings.contains(where: \.isStuck) }
        /// Whether nothing is waited for: it will not get better by waiting.
        package var isSettled: Bool { !findings.contains { $0.standing == .waiting } }
        package var isBroken: Bool { findings.contains { $0.standing == .broken } }
    }

    package func verdict(at now: Int64) -> Verdict {
        Verdict(findings: [socketFinding(now), keepersFinding(now), storeFinding(now), heartbeatsFinding(now)])
    }

    /// How long ago that was; time that the machine has slept through does not count.
    private func waitedMs(since moment: Int64, _ now: Int64) -> Int64 { now - max(moment, wokeAt) }

    private func socketFinding(_ now: Int64) -> Finding {
        let age = now - (socket.answeredAt ?? startedAt)
        func finding(_ standing: Standing, _ detail: String = "ok") -> Finding {
            Finding(leg: .socket, standing: standing, detail: detail, ageMs: age)
        }
        if let askedAt = socket.askedAt {
            let waited = waitedMs(since: askedAt, now)
            return waited < patienceMs
                ? finding(.waiting) : finding(.stuck, "no answer over the socket for \(waited / 1000) s")
        }
        switch path {
        case .dead: return finding(.broken, "nobody listens at the socket's path any more")
        case .closed(let why):
            return finding(.failing, "the daemon cannot try its own socket (\(why)); its event loop answers")
        case .usable: return finding(socket.answeredAt == nil ? .waiting : .moving)
        }
    }

    private func keepersFinding(_ now: Int64) -> Finding {
        let waiting = keepers.values.compactMap { kept in
            kept.stamp.askedAt.map { waitedMs(since: max($0, kept.progressAt), now) }
        }
        let stuck = waiting.count { $0 >= patienceMs }
        return Finding(
            leg: .keepers, standing: stuck > 0 ? .stuck : waiting.isEmpty ? .moving : .waiting,
            detail: stuck > 0
                ? "\(stuck) of \(keepers.count) keepers have not moved for \((waiting.max() ?? 0) / 1000) s" : "ok",
            ageMs: keepers.values.map { now - ($0.stamp.answeredAt ?? startedAt) }.max() ?? 0)
    }

    private func storeFinding(_ now: Int64) -> Finding {
        func finding(_ standing: Standing, _ detail: String = "ok") -> Finding {
            Finding(leg: .store, standing: standing, detail: detail, ageMs: now - (store.endedAt ?? startedAt))
        }
        if let since = store.waitingSince, case let waited = waitedMs(since: since, now), waited >= patienceMs {
            return finding(.stuck, "the disk has not answered for \(waited / 1000) s")
        }
        let failing = keepers.values.count(where: \.sight.isStoreFailing)
        return failing == 0
            ? finding(.moving)
            : finding(
                .failing,
                "\(failing) of \(keepers.count) profiles cannot be stored")
    }

    private func heartbeatsFinding(_ now: Int64) -> Finding {
        let kept = keepers.values.filter { $0.sight.vitals.heartbeatDueAt != nil }
        let overdue = kept.count { kept in
            // A keeper whose executor has not got round to it yet is the matter of the leg above.
            guard let due = kept.sight.vitals.heartbeatDueAt, kept.stamp.askedAt == nil else { return false }
            let since = max(due, kept.sight.vitals.progressAt ?? due)
            return waitedMs(since: since, now) > kept.sight.callTimeoutMs + heartbeatSlackMs
        }
        // Where there was none yet, the first is waited for since it is due.
        let ages = kept.map { now - ($0.sight.vitals.checkedAt ?? $0.sight.vitals.heartbeatDueAt ?? now) }
        return Finding(
            leg: .heartbeats, standing: overdue > 0 ? .stuck : .moving,
            detail: overdue > 0 ? "\(overdue) of \(kept.count) heartbeats are overdue" : "ok",
            ageMs: max(0, ages.max() ?? 0))
    }
}
