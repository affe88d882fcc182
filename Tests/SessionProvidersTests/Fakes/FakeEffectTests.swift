import FakeServices
import SessionProtocol
import Testing

/// What a test can make a fake do, whatever the service.
@Suite struct FakeEffectTests {
    private let desk = AgnostDesk()

    @Test("an effect changes one answer on its path and no other")
    func once() async {
        desk.fake.addUser(email: "mia@example.test", password: "correct horse")
        let token = await desk.signIn()
        desk.fake.script(.error("rate_limit_exceeded"), .none, .html(status: 502), on: "auth/user")
        #expect(await desk.check(token, "GET auth/sessions") == "200 ")
        var statuses: [Int] = []
        for _ in 0..<4 { statuses.append(await desk.ask("GET auth/user", session: token).status) }
        #expect(statuses == [429, 200, 502, 200])
    }

    @Test("an effect instead of an answer leaves the world alone, one over an answer does not")
    func worlds() async {
        desk.fake.addUser(email: "mia@example.test", password: "correct horse")
        let token = await desk.signIn()
        desk.fake.script(.drop, .lost, on: "POST auth/signout")
        #expect(await desk.ask("POST auth/signout", [:], session: token).manner == .drop)
        #expect(desk.fake.tokens() == [token])
        #expect(await desk.ask("POST auth/signout", [:], session: token).manner == .drop)
        #expect(desk.fake.tokens().isEmpty)
    }

    @Test("a standing effect lies over all answers until it is ended")
    func standing() async {
        desk.fake.addUser(email: "mia@example.test", password: "correct horse")
        let token = await desk.signIn()
        desk.fake.always(.hang)
        desk.fake.script(.empty(status: 204))
        var manners: [FakeAnswer.Manner] = []
        for _ in 0..<3 { manners.append(await desk.ask("GET auth/user", session: token).manner) }
        #expect(manners == [.whole, .hang, .hang])
        desk.fake.always(nil)
        #expect(await desk.check(token) == "200 ")
    }

    @Test("each effect has its face")
    func faces() async {
        desk.fake.addUser(email: "mia@example.test", password: "correct horse")
        let token = await desk.signIn()
        let table: [(effect: FakeEffect, holds: (FakeAnswer) -> Bool)] = [
            (.hang, { $0.manner == .hang }),
            (.held, { $0.manner == .held && $0.json?["email"] != nil }),
            (.truncated(after: 9), { $0.manner == .truncated(after: 9) && $0.body.count > 9 }),
            (.empty(status: 200), { $0.status == 200 && $0.body.isEmpty }),
            (.text("[", type: "application/json", status: 200), { $0.json == nil }),
            (.json(["a": 1], status: 203), { $0.status == 203 && $0.json == ["a": 1] }),
            (.redirect(to: "https://portal.example"), { $0.status == 302 && $0.headers["location"] != nil }),
            (.header("X-Some", "1"), { $0.headers["x-some"] == "1" }),
            (.withoutHeader("content-type"), { $0.headers["content-type"] == nil }),
            (.set("name.first", "M"), { $0.at("name.first") == "M" }),
            (.remove("email"), { $0.at("email") == nil && $0.at("_id") != nil }),
            (.error("validation_error", details: ["fields": nil]), { $0.json?["fields"] == nil && $0.status == 400 }),
            (.padded(bytes: 1 << 20), { $0.body.count > 1 << 20 }),
            (.all([.remove("email"), .held]), { $0.manner == .held && $0.at("email") == nil }),
        ]
        for row in table {
            desk.fake.script(row.effect)
            #expect(row.holds(await desk.ask("GET auth/user", session: token)), "\(row.effect)")
        }
        desk.fake.script(.set("0.token", 7), .remove("0"))
        #expect(await desk.ask("GET auth/sessions", session: token).at("0.token") == 7)
        #expect(await desk.ask("GET auth/sessions", session: token).json == [])
    }

    @Test("the record tells what was asked, and wakes who waits for more", .timeLimit(.minutes(1)))
    func record() async {
        async let waiting = desk.fake.calls(atLeast: 2, on: "GET auth/user")
        _ = await desk.ask("GET ping")
        _ = await desk.ask("GET auth/user", session: "a")
        _ = await desk.ask("GET auth/user", session: "b")
        #expect(await waiting.map { $0.headers["session"] } == ["a", "b"])
        #expect(desk.fake.calls().count == 3)
        desk.fake.forgetCalls()
        #expect(desk.fake.calls().isEmpty)
    }

    @Test("two of the same seed give the same rows, of another none of them")
    func seeds() async {
        func tokens(_ seed: UInt32) -> Set<String> {
            let fake = FakeAgnost(now: { 0 }, seed: seed)
            let id = fake.addUser(email: "mia@example.test")
            return [id, fake.addGrant(for: id), fake.openSession(of: id)]
        }
        let (first, second, other) = (tokens(1), tokens(1), tokens(2))
        #expect(first.filter { $0.hasPrefix("at-") } == second.filter { $0.hasPrefix("at-") })
        #expect(first.isDisjoint(with: other))
    }
}
