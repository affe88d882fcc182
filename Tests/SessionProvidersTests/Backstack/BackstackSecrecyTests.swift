import FakeServices
import SessionCore
import SessionProtocol
import SessionProviders
import SessionTesting
import Testing

@Suite("Backstack's secrets stay inside", .timeLimit(.minutes(1)))
struct BackstackSecrecyTests {
    @Test("no jwt, app key, password or token is in a snapshot, an error, a description or the log")
    func canaries() async throws {
        try await BackstackStage.with(.init()) { stage in
            let passwords = ["canary-password-1", "canary-password-2", "canary-password-3"]
            let yard = stage.fake.addAccount("North Yard")
            let quay = stage.fake.addAccount("East Quay")
            let kari = stage.fake.addUser("kari", password: passwords[0], accounts: [yard, quay])
            var said: Set<String> = []
            var jwts: Set<String> = []
            func note(_ value: Any) {
                said.formUnion(["\(value)", String(reflecting: value)])
                said.insert(String(decoding: stage.keeper.publication.encoded, as: UTF8.self))
                jwts.formUnion(stage.fake.liveJWTs)
            }
            note(await failure { try await stage.signIn("kari", passwords[1]) } as Any)
            note(try await stage.signIn("kari", passwords[0]).outcome)
            note(try await stage.answer(["accountId": yard]).publication)
            for effect in [.drop, .error("401"), .error("500"), .html(status: 200), .set("auth", 7)] as [FakeEffect] {
                stage.fake.script(effect, effect, on: "GET /app/session")
                note(await stage.validate())
                stage.fake.unscript()
            }
            note(await stage.validate())
            note(try await stage.keeper.listAccounts())
            note(try await stage.keeper.lock(expect: nil))
            note(
                await failure {
                    try await stage.keeper.unlock(password: try #require(Secret(passwords[1])), expect: nil)
                } as Any)
            note(try await stage.keeper.unlock(password: try #require(Secret(passwords[0])), expect: nil))
            let session = try #require(stage.keeper.publication.session)
            note(session)
            said.insert(String(reflecting: stage.provider.traits))
            note(await stage.provider.validate(session))
            let email = SignInFields(["email": "kari@depot.example"])
            note(
                try await stage.keeper.signIn(method: "passwordReset", fields: email, durationMinutes: nil, expect: nil)
                    .publication)
            let token = try #require(stage.fake.resetToken(of: kari))
            note(try await stage.answer(["token": token, "password": passwords[2]]).publication)

            #expect(jwts.count > 5 && said.count > 30)
            let all = said.joined() + stage.log.lines.joined()
            for canary in passwords + jwts + [stage.fake.appKey, token] {
                #expect(!all.contains(canary), "\(canary)")
            }
            #expect(!stage.log.lines.isEmpty)
        }
    }
}
