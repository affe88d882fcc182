import SessionProtocol
import Testing

@testable import SessionClient

/// The machine alone: callers and boards are numbers, time is a number.
@Suite("The connection as a value")
struct LinkMachineTests {
    typealias Machine = LinkMachine<Int, Int>

    static func machine(seed: UInt64 = 1) -> Machine { Machine(backoff: Backoff(seed: seed)) }

    @Test("a read of which nothing was written waits for the next connection; a change fails")
    func unsentCalls() {
        var machine = Self.machine()
        _ = machine.call(machine.reserve(), "session.get", [:], caller: 1)
        _ = machine.connected(now: 0)
        _ = machine.call(machine.reserve(), "session.revoke", [:], caller: 2)
        _ = machine.call(machine.reserve(), "session.token", [:], caller: 3)
        machine.sent(1)
        let broken = machine.disconnected(.broken, now: 5)
        #expect(Set(broken.completions.map(\.caller)) == [1, 2])
        #expect(machine.connection == .connecting)
        let connected = machine.connected(now: 6)
        #expect(connected.completions.isEmpty)
        #expect(machine.outbox.count == 1)
        machine.sent(machine.outbox[0].bytes.count)
        #expect(machine.received(.answer(id: 3, .success(1)), now: 7).completions.map(\.caller) == [3])
    }

    @Test("a failed attempt fails the calls that wait, and watches go on trying, ever more slowly")
    func backoff() {
        var machine = Self.machine()
        _ = machine.observe(WatchKey(), board: 1, now: 0)
        var now: Int64 = 0
        var waits: [Int64] = []
        for attempt in 0..<12 {
            #expect(machine.connection == .connecting)
            _ = machine.call(machine.reserve(), "session.get", [:], caller: attempt)
            #expect(machine.connectFailed(.broken, now: now).completions.map(\.caller) == [attempt])
            guard let deadline = machine.deadline else { break }
            waits.append(deadline - now)
            now = deadline
            _ = machine.elapse(now: now)
        }
        #expect(waits.count == 12)
        for (attempt, wait) in waits.enumerated() {
            let base = Int64(attempt >= 7 ? 5000 : 50 << attempt)
            #expect((base / 2...base).contains(wait))
        }
    }

    @Test("nothing waits for a time where no watch wants a connection")
    func idle() {
        var machine = Self.machine()
        _ = machine.open(machine.reserve(), caller: 1)
        #expect(machine.connected(now: 0).completions.count == 1)
        #expect(machine.deadline == nil)
        _ = machine.disconnected(.broken, now: 1)
        #expect(machine.connection == .none)
        #expect(machine.deadline == nil)
    }

    @Test("a server that takes connections and ends them does not reset the wait")
    func crashLoop() {
        var machine = Self.machine()
        _ = machine.observe(WatchKey(), board: 1, now: 0)
        var now: Int64 = 0
        for _ in 0..<9 {
            _ = machine.connected(now: now)
            _ = machine.disconnected(.broken, now: now)
            now = machine.deadline ?? now
            _ = machine.elapse(now: now)
        }
        _ = machine.connectFailed(.broken, now: now)
        #expect((machine.deadline ?? 0) - now >= 2500)
    }

    @Test("an ended watch's readers have no say in a later watch of the same profile")
    func numbers() throws {
        var machine = Self.machine()
        let (ended, _) = machine.observe(WatchKey(), board: 1, now: 0)
        _ = machine.connected(now: 0)
        machine.sent(machine.outbox[0].bytes.count)
        let refusal = SessionError(kind: .permissionDenied, message: "")
        let effects = machine.received(.answer(id: 1, .failure(refusal)), now: 0)
        #expect(effects.endings.map(\.board) == [1])
        let (later, _) = machine.observe(WatchKey(), board: 2, now: 0)
        #expect(later?.board == 2)
        _ = machine.unobserve(try #require(ended))
        #expect(machine.watches[WatchKey()]?.observers == 1)
    }

    @Test("a subscription that ends before the answer names it is asked for again, and its last state counts")
    func earlyEnd() throws {
        var machine = Self.machine()
        _ = machine.observe(WatchKey(), board: 1, now: 0)
        _ = machine.connected(now: 0)
        machine.sent(machine.outbox[0].bytes.count)
        let newer = Samples.snapshot(session: 2, revision: 2)
        _ = machine.received(.changed(subscription: "s", newer), now: 0)
        _ = machine.received(.subscriptionClosed(subscription: "s"), now: 0)
        let answer: JSONValue = ["subscription": "s", "state": Samples.snapshot().json]
        let effects = machine.received(.answer(id: 1, .success(answer)), now: 0)
        #expect(effects.publications.last?.snapshot == newer)
        let deadline = try #require(machine.deadline)
        _ = machine.elapse(now: deadline)
        let line = try #require(machine.outbox.first)
        #expect(String(decoding: line.bytes, as: UTF8.self).contains(#""since":{"instance":"i","revision":2}"#))
    }

    @Test("a server that tells of subscriptions without end loses the connection, not the client its memory")
    func inventedSubscriptions() {
        var machine = Self.machine()
        _ = machine.observe(WatchKey(), board: 1, now: 0)
        _ = machine.connected(now: 0)
        for number in 0..<65 {
            _ = machine.received(.changed(subscription: "x\(number)", Samples.snapshot()), now: 0)
        }
        #expect(machine.connection != .open)
        #expect(machine.early.isEmpty)
    }

    @Test("a watch that nobody wants any more when it is granted is given back")
    func lateGrant() throws {
        var machine = Self.machine()
        let (place, _) = machine.observe(WatchKey(), board: 1, now: 0)
        _ = machine.connected(now: 0)
        machine.sent(machine.outbox[0].bytes.count)
        _ = machine.unobserve(try #require(place))
        let state = Samples.snapshot().json
        _ = machine.received(.answer(id: 1, .success(["subscription": "s", "state": state])), now: 0)
        #expect(machine.watches.isEmpty)
        let line = try #require(machine.outbox.first)
        #expect(String(decoding: line.bytes, as: UTF8.self).contains("session.unwatch"))
    }

    /// A server that is as unkind as the protocol allows, over connections that end at any moment.
    @Test("whatever happens, every caller is answered once and the watch ends on the newest state", arguments: 0..<300)
    func anyOrder(seed: Int) throws {
        var random = SplitMix64(state: UInt64(seed) &* 7919 &+ 1)
        var machine = Self.machine(seed: UInt64(seed))
        var now: Int64 = 0
        var asked = 0
        var ids: [Int64] = []
        var answered: [Int: Int] = [:]
        var shown: Snapshot?
        var order: UInt64 = 0
        var server = UnkindServer()

        func take(_ effects: Machine.Effects) throws {
            for (caller, _) in effects.completions { answered[caller, default: 0] += 1 }
            for (_, snapshot, number) in effects.publications {
                #expect(number > order)
                order = number
                if snapshot.instance == shown?.instance { #expect(snapshot.revision >= shown?.revision ?? 0) }
                shown = snapshot
            }
            #expect(effects.endings.isEmpty)
            if machine.connection != .open { server.forget() }
        }
        func deliver() throws {
            while machine.connection == .open, let line = machine.outbox.first {
                server.read(line.bytes)
                machine.sent(line.bytes.count)
            }
        }

        try take(machine.observe(WatchKey(), board: 0, now: now).1)
        for _ in 0..<120 {
            now += 1
            switch Int.random(in: 0..<9, using: &random) {
            case 0, 1:
                let id = machine.reserve()
                ids.append(id)
                let method = ["session.get", "session.revoke", "session.list"].randomElement(using: &random) ?? ""
                try take(machine.call(id, method, [:], caller: asked))
                asked += 1
            case 2: if let id = ids.randomElement(using: &random) { try take(machine.cancel(id)) }
            case 3: server.change()
            case 4: try deliver()
            case 5, 6: if let said = server.say(using: &random) { try take(machine.received(said, now: now)) }
            case 7:
                if machine.connection == .connecting {
                    try take(
                        Bool.random(using: &random)
                            ? machine.connected(now: now) : machine.connectFailed(.broken, now: now))
                } else if let deadline = machine.deadline {
                    now = max(now, deadline)
                    try take(machine.elapse(now: now))
                }
            default:
                if Int.random(in: 0..<4, using: &random) == 0 { try take(machine.disconnected(.broken, now: now)) }
            }
        }
        // From here on all goes well.
        server.change()
        for _ in 0..<400 {
            if let deadline = machine.deadline { now = max(now, deadline) }
            try take(machine.elapse(now: now))
            if machine.connection == .connecting { try take(machine.connected(now: now)) }
            try deliver()
            while let said = server.say(using: &random) { try take(machine.received(said, now: now)) }
        }
        #expect(shown?.revision == server.state.revision)
        #expect(answered.count == asked)
        #expect(answered.values.allSatisfy { $0 == 1 })
        #expect(machine.slowInFlight == 0)
        #expect(machine.held.isEmpty && machine.outbox.isEmpty && machine.calls.isEmpty)
    }
}

/// Answers in any order, and lets changes overtake the answer that names their subscription.
private struct UnkindServer {
    private(set) var state = Samples.snapshot()
    private var unsaid: [ServerMessage] = []
    /// Changes of one subscription keep their order.
    private var changes: [ServerMessage] = []
    private var subscriptions: [String] = []

    mutating func forget() {
        unsaid = []
        changes = []
        subscriptions = []
    }

    mutating func change() {
        state.revision += 1
        state.number = state.revision
        for name in subscriptions { changes.append(.changed(subscription: name, state)) }
    }

    mutating func read(_ line: [UInt8]) {
        let bounds = JSONParser.Bounds(maxDepth: 32, maxValues: 4096, numbers: .any)
        guard let json = try? JSONParser.parse(line.span, bounds: bounds), let id = json["id"]?.integerValue else {
            return
        }
        switch json["method"] {
        case "session.watch":
            let since = json["params"]?["since"]
            let isCurrent = since?["revision"]?.integerValue == state.revision
            let name = "s\(id)"
            subscriptions.append(name)
            var result: [String: JSONValue] = ["subscription": .string(name), "resumed": .bool(isCurrent)]
            if !isCurrent { result["state"] = state.json }
            unsaid.append(.answer(id: id, .success(.object(result))))
        default: unsaid.append(.answer(id: id, .success([:])))
        }
    }

    mutating func say(using random: inout SplitMix64) -> ServerMessage? {
        if !changes.isEmpty, unsaid.isEmpty || Bool.random(using: &random) { return changes.removeFirst() }
        guard !unsaid.isEmpty else { return nil }
        return unsaid.remove(at: Int.random(in: unsaid.indices, using: &random))
    }
}
