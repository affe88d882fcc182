import FakeServices
import SessionCore
import SessionProtocol
import SessionTesting
import Testing

@testable import SessionProviders

@Suite("Secrets that stand where Agnost should not have put them", .timeLimit(.minutes(1)))
struct AgnostForeignSecretTests {
    private static let hash = "$2b$10$" + String(repeating: "canaryhash", count: 6).prefix(53)

    @Test("no entry of the list shows the token of another")
    func list() async throws {
        try await AgnostStage.with { stage in
            let id = try await stage.signInMia()
            let tokens = [try #require(stage.token), stage.fake.openSession(of: id), "an-opaque-token-of-old", "t1"]
            let entries = tokens.indices.map { index -> JSONValue in
                let foreign = tokens[(index + 1) % tokens.count]
                return [
                    "token": .string(tokens[index]), "kept": "yes", "replacedBy": .string(foreign),
                    "history": [["of": .string(foreign), "kept": 1], .string(foreign)],
                    "userAgent": ["ua": .string(index == 2 ? "x/1" : "x/1 (Session \(foreign))")],
                    foreign: true,
                ]
            }
            stage.fake.always(.json(.array(entries), status: 200), on: "auth/sessions")
            let listed = try await stage.keeper.listSessions()
            #expect(listed.count == tokens.count && listed.allSatisfy { $0.value["kept"] == "yes" })
            #expect(listed.allSatisfy { $0.value["history"] == [["kept": 1]] && $0.value["replacedBy"] == nil })
            let seen = listed.map { "\($0.value) \($0.userAgent ?? "") \($0.id)" }.joined()
            #expect(tokens.dropLast().filter { seen.contains($0) }.isEmpty && !seen.contains("\"t1\""))
            // What only holds the two letters of a token that is none is left as it is.
            #expect(listed[2].userAgent == "x/1")
        }
    }

    @Test("nor does the user, or a session that the user's list brings, show any session's token or a hash")
    func user() async throws {
        try await AgnostStage.with { stage in
            let id = try await stage.signInMia()
            let other = stage.fake.openSession(of: id)
            let fields: [String: JSONValue] = [
                "lastSession": .string(other), "note": .string("Session: \(other)!"),
                "deep": [["deeper": ["sessions": [.string(other), "kept"], "kept": true]]],
                "map": .object([other: 1, "kept": 2]),
                "Password": "canary",
                "old": ["PASSWORD": "canary", "passwordHash": "canary", "password_hash": "canary"],
                "Token": "canary", "accessToken": "canary", "session_token": "canary",
                "legacy": .string("bcrypt:\(Self.hash)"),
                "rounds": .array([.string(Self.hash), .string("x \(Self.hash)")]),
                "argon": "$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5",
                "shadow": "$6$rounds=5000$saltsalt$canarycanarycanarycanarycanarycanarycanarycanary",
                "grant": .string("at-" + String(repeating: "canary", count: 6)),
                // Words and numbers that only look a little like it.
                "price": "$2 to $10", "site": "example.test/a.b.c", "version": "1.2.3", "tokens": 7,
                "passwordChangedAt": "2026-01-01", "bio": "my password is a secret", "dotted": "eyJ.eyJ",
            ]
            for (name, value) in fields { stage.fake.set(name, to: value, of: id) }
            _ = await stage.validate()
            for user in [
                try #require(stage.snapshot.objects["user"]?.value),
                try #require(try await stage.keeper.fetchUser().value),
            ] {
                let seen = "\(user)"
                #expect(!seen.contains("canary") && !seen.contains(other))
                #expect(user["deep"] == [["deeper": ["sessions": ["kept"], "kept": true]]])
                #expect(user["map"] == ["kept": 2] && user["old"] == [:] && user["rounds"] == [])
                for name in ["price", "site", "version", "tokens", "passwordChangedAt", "bio", "dotted", "name"] {
                    #expect(user[name] != nil, "\(name)")
                }
            }
        }
    }

    @Test("a sign-in's answer shows neither another session's token nor a hash")
    func signIn() async throws {
        try await AgnostStage.with { stage in
            let other = stage.fake.openSession(of: stage.addMia())
            stage.fake.script(
                .all([
                    .set("user.device", ["last": .string(other)]), .set("session.before", .string("was \(other)")),
                    .set("session.userAgent", ["ua": "x", "password": .string(Self.hash)]),
                ]), on: "auth/signin-email")
            try await stage.signIn()
            let seen = String(decoding: stage.keeper.publication.encoded, as: UTF8.self)
            #expect(!seen.contains(other) && !seen.contains("canary"))
            #expect(stage.snapshot.objects["user"]?.value?["device"] == [:])
        }
    }

    @Test(
        "what was typed is no reason, wherever it stood in the request and whatever stands around it",
        arguments: ["hunter2_in_userdata", "no_user_mia_and_hunter2secret", "code_hunter2secret"])
    func echoed(code: String) async throws {
        try await AgnostStage.with { stage in
            stage.fake.always(.json(["errors": [["code": .string(code)]]], status: 400))
            await #expect(throws: KeeperError.upstreamUnavailable(nextAttemptAt: nil)) {
                try await stage.signUp([
                    "email": "mia@example.test", "password": "hunter2secret",
                    "userData": ["inner": ["pins": ["hunter2_in_userdata"]]],
                ])
            }
        }
    }

    @Test("a code that Agnost is known to use is told even where somebody's password is a part of it")
    func knownCode() async throws {
        try await AgnostStage.with { stage in
            stage.addMia()
            for password in ["invalid", "credentials", "invalid_sign_in_credentials"] {
                await expectFailure(.upstreamRejected(reason: "invalid_sign_in_credentials", status: 401)) {
                    try await stage.signIn(["email": "mia@example.test", "password": password])
                }
            }
        }
    }

    private static let salted = "abcdefghijklmnopqrstuv"

    @Test(
        "credentials are known by their looks, and nothing else is taken for one",
        arguments: [
            ("eyJhbGciOiJIUzI1NiJ9.eyJrZXkiOiJzbi0xIn0.c2ln", true), ("(eyJh.eyJr.c2ln).", true),
            ("Bearer eyJh.eyJr.c2ln", true), ("x.eyJh.eyJr.c2ln", true), ("eyJh.eyJr.", false), ("eyJh.eyJr", false),
            ("eyJh", false), ("a.eyJ.b", false), ("sn-" + String(repeating: "k", count: 36), true),
            ("link?key=tk-" + String(repeating: "k", count: 36), true),
            ("at-" + String(repeating: "k", count: 35), false), ("at-home", false), (hash, true),
            (String(hash.dropLast(40)), false), ("$argon2id$v=19$\(salted)", true), ("$y$j9T$\(salted)", true),
            ("$5$", false), ("$5$ and then some more words than twenty", false), ("$$$$$$$$$$$$$$$$$$$$$$$$$", false),
            ("US$1$\(salted)", true), ("", false), ("...", false), ("naïve – text.", false),
        ] as [(String, Bool)])
    func looks(text: String, isSecret: Bool) {
        let redaction = CredentialRedaction([])
        #expect(redaction.applied(to: [.string(text)]) == (isSecret ? [] : [.string(text)]))
        #expect(
            redaction.applied(to: .object(["m": .string(text)])) == (isSecret ? [:] : .object(["m": .string(text)])))
        #expect(redaction.applied(to: .object([text: 1])) == (isSecret ? [:] : .object([text: 1])))
    }

    @Test("what a hostile service makes of 64 KiB is looked through in no time")
    func hostileTexts() {
        let size = 1 << 16
        let start = ContinuousClock.now
        for part in ["$", ".", "$2b$", "eyJ.", "eyJ", "a.", "$6", "\u{301}"] {
            let text = JSONValue.string(String(repeating: part, count: size / part.utf8.count))
            #expect(CredentialRedaction([]).applied(to: ["t": text, "kept": 1])["kept"] == 1)
        }
        // Anything that is not linear takes minutes.
        #expect(ContinuousClock.now - start < .seconds(30))
    }
}
