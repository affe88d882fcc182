import FakeServices
import Foundation
import SessionProtocol
import Synchronization

/// A clock that the test moves.
final class FakeClock: Sendable {
    private let wall: Mutex<Int64>

    /// Unless a test wants another time, 2026-01-05T10:00:00.123Z.
    init(at milliseconds: Int64 = 1_767_607_200_123) { wall = Mutex(milliseconds) }

    var now: Int64 { wall.withLock { $0 } }
    func pass(milliseconds: Int64) { wall.withLock { $0 += milliseconds } }
    func pass(seconds: Int64) { pass(milliseconds: seconds * 1000) }
    func pass(minutes: Int64) { pass(seconds: minutes * 60) }
}

extension FakeAnswer {
    func text(_ place: String) -> String? { json?.value(at: place)?.stringValue }
    func at(_ place: String) -> JSONValue? { json?.value(at: place) }
}

/// A part of a JWT, 0 or 1, without looking at its signature.
func jwtPart(_ jwt: String, _ index: Int) -> JSONValue? {
    let parts = jwt.split(separator: ".")
    guard parts.indices.contains(index) else { return nil }
    var text = String(parts[index].replacing("-", with: "+").replacing("_", with: "/"))
    text += String(repeating: "=", count: (4 - text.count % 4) % 4)
    return Data(base64Encoded: text).flatMap { try? JSONValue.parse(Array($0)) }
}

/// A fake Agnost and hands to send it requests as its official client does.
struct AgnostDesk {
    let clock = FakeClock()
    let fake: FakeAgnost

    init(prefix: String = "/agnost") {
        fake = FakeAgnost(now: { [clock] in clock.now }, prefix: prefix)
    }

    func ask(
        _ call: String, _ body: JSONValue? = nil, query: [String: String] = [:], session: String? = nil,
        spoiling: (inout FakeRequest) -> Void = { _ in }
    ) async -> FakeAnswer {
        let parts = call.split(separator: " ").map(String.init)
        var request = FakeRequest(
            verb: parts[0], path: fake.path(parts[1]), query: query,
            headers: ["authorization": fake.apiKey, "x-client": "agnost-js", "user-agent": "sessiond/0.1"],
            body: body?.encoded ?? [])
        if body != nil { request.headers["content-type"] = "application/json" }
        request.headers["session"] = session
        spoiling(&request)
        return await fake.answer(request)
    }

    /// The token of a fresh session by password.
    func signIn(_ email: String = "mia@example.test", _ password: String = "correct horse") async -> String {
        await ask("POST auth/signin-email", ["email": .string(email), "password": .string(password)])
            .text("session.token") ?? ""
    }

    /// Status and error code of a check of the session.
    func check(_ token: String, _ call: String = "GET auth/user") async -> String {
        let answer = await ask(call, session: token)
        return "\(answer.status) \(answer.text("errors.0.code") ?? "")"
    }
}

/// A fake Backstack and hands to send it requests.
struct BackstackDesk {
    let clock = FakeClock()
    let fake: FakeBackstack

    init() {
        fake = FakeBackstack(now: { [clock] in clock.now })
    }

    func ask(
        _ call: String, _ body: JSONValue? = nil, as credential: String?, query: [String: String] = [:],
        headers: [String: String] = [:]
    ) async -> FakeAnswer {
        let parts = call.split(separator: " ").map(String.init)
        var request = FakeRequest(
            verb: parts[0], path: parts[1], query: query, headers: ["content-type": "application/json"],
            body: body?.encoded ?? [])
        request.headers["authorization"] = credential
        request.headers.merge(headers) { _, own in own }
        return await fake.answer(request)
    }

    /// The answer to a login that began with the app key.
    func logIn(_ username: String = "kari", _ password: String = "correct horse") async -> FakeAnswer {
        let first = await ask("GET /app/session", as: fake.appKey)
        return await ask(
            "POST /app/login", ["username": .string(username), "password": .string(password)],
            as: first.text("jwt") ?? first.headers["x-jwt"])
    }
}
