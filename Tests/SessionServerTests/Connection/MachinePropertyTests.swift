import SessionProtocol
import SessionServer
import Testing

/// Numbers that are the same for the same seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

@Suite("The connection machine, whatever the order of events")
struct MachinePropertyTests {
    /// A run of random events over one machine, with what the rules say must come of them.
    struct Run {
        var driver = MachineDriver {
            $0.maxInFlight = 4
            $0.maxBadLines = 1000
        }
        var random: SeededGenerator
        var now: Int64 = 0
        /// Ids that were taken in while free: each must get exactly one answer.
        var owed: [RequestID: Int] = [:]
        var open: Set<RequestID> = []
        var answered: [RequestID: Int] = [:]
        var isOver: Set<Int> = []
        var seenReplies = 0
        var seenBatches = 0

        init(seed: UInt64) { random = SeededGenerator(state: seed) }

        mutating func collect() {
            var new = driver.replies[seenReplies...].compactMap { $0.id }
            new += driver.batches[seenBatches...].flatMap { $0.compactMap(\.id) }
            seenReplies = driver.replies.count
            seenBatches = driver.batches.count
            for id in new {
                answered[id, default: 0] += 1
                open.remove(id)
            }
        }

        /// Ids from a small pool, so that they are often in flight.
        mutating func entry(_ taken: inout Set<RequestID>) -> ParsedLine.Entry {
            let method = Bool.random(using: &random) ? "slow" : "ping"
            guard Int.random(in: 0..<4, using: &random) > 0 else { return MachineDriver.request(nil, method) }
            let number = Int64.random(in: 0..<12, using: &random)
            let id = RequestID.integer(number)
            if !open.contains(id), taken.insert(id).inserted { owed[id, default: 0] += 1 }
            return MachineDriver.request(number, method)
        }

        mutating func step() {
            now += Int64.random(in: 0..<20, using: &random)
            switch Int.random(in: 0..<10, using: &random) {
            case 0...3 where driver.machine.acceptsLines:
                var taken: Set<RequestID> = []
                let timeout: Int64? = Bool.random(using: &random) ? 30 : nil
                let line: ParsedLine =
                    Int.random(in: 0..<4, using: &random) == 0
                    ? .batch((0..<Int.random(in: 1...6, using: &random)).map { _ in entry(&taken) })
                    : .single(entry(&taken))
                open.formUnion(taken)
                driver.machine.receive(line)
                driver.pull(now: now, timeoutMs: timeout)
            case 4...6:
                let running = driver.performed.indices.filter { !isOver.contains($0) }
                guard let index = running.randomElement(using: &random) else { break }
                isOver.insert(index)
                driver.machine.answered(driver.performed[index].ticket, .empty)
                driver.pull(now: now)
            case 7:
                _ = driver.machine.cancel(
                    .integer(Int64.random(in: 0..<12, using: &random)), by: Ticket(number: .max))
                driver.pull(now: now)
            case 8:
                driver.machine.timePassed(now: now)
                driver.pull(now: now)
            default:
                driver.machine.receive(.refused(.parseError(position: 0), isLexical: true))
                driver.pull(now: now)
            }
            collect()
            #expect(driver.machine.runningCalls <= 4)
        }

        /// Ends the input and finishes all work, the last started first.
        mutating func end() {
            driver.machine.inputEnded()
            driver.pull(now: now)
            var index = driver.performed.count - 1
            while index >= 0 {
                if isOver.insert(index).inserted {
                    driver.machine.answered(driver.performed[index].ticket, .empty)
                    driver.pull(now: now)
                    index = driver.performed.count
                }
                index -= 1
            }
            collect()
        }
    }

    @Test("every request with an id gets exactly one answer, and nothing comes after the end", arguments: 0..<200)
    func exactlyOneAnswer(seed: Int) {
        var run = Run(seed: UInt64(seed))
        for _ in 0..<150 { run.step() }
        run.end()
        #expect(run.answered == run.owed, "seed \(seed)")
        #expect(run.driver.closed == .finished, "seed \(seed)")
        run.driver.receive(.single(MachineDriver.request(1)))
        run.driver.machine.timePassed(now: .max)
        let late = run.driver.machine.next()
        #expect(late == nil, "seed \(seed)")
    }

    @Test("a peer that is gone gets nothing, whatever was running", arguments: 0..<50)
    func gone(seed: Int) {
        var run = Run(seed: UInt64(seed))
        for _ in 0..<60 { run.step() }
        run.driver.machine.peerGone()
        for (ticket, _) in run.driver.performed { run.driver.machine.answered(ticket, .empty) }
        let late = run.driver.machine.next()
        #expect(late == nil, "seed \(seed)")
        #expect(run.driver.machine.nextDeadline == nil, "seed \(seed)")
    }
}
