import Crypto
import FakeServices
import Foundation
import SessionProtocol

/// A fake Stytch, its clock, and hands to send it requests as an SDK or a server does.
struct StytchDesk {
    /// 2026-01-05T10:00:00Z.
    static let start: Int64 = 1_767_607_200_000
    static let client: JSONValue = [
        "sdk": ["identifier": "test-sdk", "version": "1.0"], "app": ["identifier": "dev.example.app", "version": "1"],
        "os": ["identifier": "Linux", "version": "6"], "device": ["model": "x86_64", "screen_size": "0x0"],
    ]

    struct Reply {
        var answer: FakeAnswer
        var status: Int { answer.status }
        var json: JSONValue { answer.json ?? nil }
        /// The payload of an SDK call.
        var data: JSONValue { json["data"] ?? nil }
        var errorType: String? { json["error_type"]?.stringValue }
        func text(_ path: String) -> String? { (json["data"] ?? json).value(at: path)?.stringValue }
    }

    let clock = FakeClock(at: start)
    let fake: FakeStytch

    init(_ product: FakeStytch.Product = .consumer, appIdentifier: String? = nil) {
        fake = FakeStytch(product: product, now: { [clock] in clock.now }, appIdentifier: appIdentifier)
    }

    /// An SDK call: a well-formed one, unless `spoiling` changes it.
    func sdk(
        _ path: String, _ body: JSONValue? = [:], session: String? = nil, verb: String = "POST",
        spoiling: (inout FakeRequest) -> Void = { _ in }
    ) async -> Reply {
        let token = fake.publicToken
        var request = FakeRequest(
            verb: verb, path: "/sdk/v1/" + path,
            headers: [
                "authorization": Self.basic(token, session ?? token), "content-type": "application/json",
                "x-sdk-client": Data(Self.client.encoded).base64EncodedString(), "user-agent": "sessiond/0.1",
            ], body: body?.encoded ?? [])
        spoiling(&request)
        return Reply(answer: await fake.answer(request))
    }

    func server(
        _ path: String, _ body: JSONValue? = [:], query: [String: String] = [:], verb: String = "POST",
        secret: String? = nil
    ) async -> Reply {
        let headers = [
            "authorization": Self.basic(fake.projectID, secret ?? fake.secret), "content-type": "application/json",
        ]
        return Reply(
            answer: await fake.answer(
                FakeRequest(
                    verb: verb, path: "/v1/" + path, query: query, headers: headers, body: body?.encoded ?? [])))
    }

    /// The token of a fresh session by password.
    func signIn(_ email: String = "ada@example.org", minutes: Int64 = 60) async -> String {
        let reply = await sdk(
            "passwords/authenticate",
            ["email": .string(email), "password": "correct horse", "session_duration_minutes": .integer(minutes)])
        return reply.text("session_token") ?? ""
    }

    static func basic(_ user: String, _ password: String) -> String {
        "Basic " + Data("\(user):\(password)".utf8).base64EncodedString()
    }

    static func challenge(_ verifier: String) -> String {
        Data(SHA256.hash(data: Data(verifier.utf8))).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// The paths at which `answer` lacks a member of the sample or has another kind of value there.
    static func differences(_ answer: JSONValue?, from sample: JSONValue, at path: String = "") -> [String] {
        switch (sample, answer) {
        case (.object(let expected), .object(let members)):
            return expected.sorted { $0.key < $1.key }.flatMap { name, value in
                differences(members[name], from: value, at: path + "." + name)
            }
        case (.array(let expected), .array(let elements)):
            guard elements.count >= expected.count else { return [path + ": too few"] }
            return zip(expected, elements).enumerated().flatMap { index, pair in
                differences(pair.1, from: pair.0, at: "\(path).\(index)")
            }
        case (.string, .string), (.integer, .integer), (.bool, .bool), (.null, .null): return []
        default: return [path]
        }
    }
}
