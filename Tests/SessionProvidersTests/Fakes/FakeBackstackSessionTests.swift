import FakeServices
import SessionProtocol
import Testing

/// The fake against what is known of the service: what happens to a session without its client, and the third
/// generation of the API.
@Suite struct FakeBackstackSessionTests {
    private let desk = BackstackDesk()
    private let yard: String
    private let kari: String

    init() {
        desk.fake.setVersion("ver_1", access: ["account-users": "cr"])
        yard = desk.fake.addAccount("North Yard", isAppAccount: true)
        kari = desk.fake.addUser("kari", password: "correct horse", accounts: [yard])
    }

    @Test("changes show in the next session object; the signature follows the access alone")
    func changes() async throws {
        let login = await desk.logIn()
        desk.fake.set("counters.scans", to: 12, of: yard)
        desk.fake.set("stats.user_count", to: 9, of: yard)
        desk.fake.set("hidden_tips", to: ["tip"], of: kari)
        desk.fake.setAlerts([["id": "expired-card"]])
        let counted = await desk.ask("GET /app/session", as: login.text("jwt"))
        #expect(counted.at("account.counters") == ["scans": 12] && counted.at("account.stats.user_count") == 9)
        #expect(counted.at("user.hidden_tips") == ["tip"] && counted.text("alerts.0.id") == "expired-card")
        #expect(counted.text("access_signature") == login.text("access_signature"))
        desk.fake.setAccess(["account-users": "r"], of: kari, in: yard)
        let limited = await desk.ask("GET /app/session", as: login.text("jwt"))
        #expect(limited.at("access") == ["account-users": "r"])
        #expect(limited.text("access_signature") != login.text("access_signature"))
        desk.fake.setAccess(nil, of: kari, in: yard)
        let again = await desk.ask("GET /app/session", as: login.text("jwt"))
        #expect(again.text("access_signature") == login.text("access_signature"))
    }

    @Test("the client's own calls change the session too")
    func ownCalls() async throws {
        desk.fake.setFeature("fea_export", access: ["export": "r"])
        desk.fake.setVersion("ver_2", access: ["scans": "r"])
        let jwt = await desk.logIn().text("jwt")
        #expect(await desk.ask("POST /account/counters/scans/5", as: jwt).at("value") == 5)
        #expect(await desk.ask("POST /account/counters/scans/-2", as: jwt).at("value") == 3)
        #expect(await desk.ask("POST /account/optional-features/fea_export", as: jwt).at("active") == true)
        #expect(await desk.ask("POST /user/hidden-tips/tip_1", as: jwt).at("hidden_tips") == ["tip_1"])
        #expect(await desk.ask("POST /account/versions/ver_2", as: jwt).status == 200)
        let session = await desk.ask("GET /app/session", as: jwt)
        #expect(session.at("account.counters.scans") == 3 && session.at("user.hidden_tips") == ["tip_1"])
        #expect(session.at("access") == ["scans": "r", "export": "r"])
        #expect(await desk.ask("DELETE /user/hidden-tips", as: jwt).at("hidden_tips") == [])
        #expect(await desk.ask("DELETE /account/counters/scans", as: jwt).status == 200)
        #expect(await desk.ask("GET /account", as: jwt).at("counters") == [:])
    }

    @Test("a session that was opened without a call is as good, and its jwt counts among the live ones")
    func opened() async {
        let jwt = desk.fake.openSession(user: kari, account: yard)
        #expect(desk.fake.liveJWTs == [jwt])
        let answer = await desk.ask("GET /app/session", as: jwt)
        #expect(answer.at("auth") == true && answer.text("account.id") == yard)
        desk.fake.setLocked(true, of: kari)
        #expect(await desk.ask("GET /app/session", as: jwt).at("user.screen_locked") == true)
    }

    @Test("a login ends with 200 and no login, a dead jwt with 401 while the app key works, or not")
    func ends() async throws {
        let jwt = await desk.logIn().text("jwt")
        desk.fake.signOut(kari)
        let answer = await desk.ask("GET /app/session", as: jwt)
        #expect(answer.status == 200 && answer.at("auth") == false && answer.at("jwt") != nil)
        desk.fake.killJWTs()
        #expect(await desk.ask("GET /app/session", as: jwt).status == 401)
        #expect(await desk.ask("GET /app/session", as: desk.fake.appKey).status == 200)
        desk.fake.choices.refusesAppKey = true
        desk.fake.choices.refusesJWTs = true
        for credential in [jwt, desk.fake.appKey] {
            #expect(await desk.ask("GET /app/session", as: credential).status == 401)
        }
    }

    @Test(
        "a deleted user or account ends the login or the session",
        arguments: [true, false], [FakeBackstackChoices.Deletion.signsOut, .refuses])
    func deletion(isUser: Bool, how: FakeBackstackChoices.Deletion) async throws {
        desk.fake.choices.deletionOfUser = how
        desk.fake.choices.deletionOfAccount = how
        let jwt = await desk.logIn().text("jwt")
        #expect(await desk.ask("DELETE /\(isUser ? "user" : "account")", as: jwt).status == 200)
        let answer = await desk.ask("GET /app/session", as: jwt)
        #expect(how == .refuses ? answer.status == 401 : answer.at("auth") == false)
    }

    @Test("maps that are empty are arrays, flags are numbers, alerts are missing, where that is chosen")
    func habits() async throws {
        desk.fake.choices.emptyMapsAsArrays = true
        desk.fake.choices.appAccountAsNumber = true
        desk.fake.choices.leavesAlertsOutSignedOut = true
        let first = await desk.ask("GET /app/session", as: desk.fake.appKey)
        #expect(first.at("account") == [] && first.at("user") == [] && first.at("access") == [])
        #expect(first.at("alerts") == nil)
        let login = await desk.logIn()
        #expect(login.at("account.counters") == [] && login.at("account.is_app_account") == 1)
        #expect(login.at("alerts") == [])
        desk.fake.choices.isDemo = true
        desk.fake.choices.leavesAlertsOut = true
        let demo = await desk.ask("GET /app/session", as: login.text("jwt"))
        #expect(demo.at("demo") == true && demo.at("access") == [] && demo.at("auth") == true)
        #expect(demo.text("access_signature") == "d751713988987e9331980363e24189ce" && demo.at("alerts") == nil)
    }

    @Test("the third generation wraps answers, and says in headers which jwt is next and how old the object is")
    func generation3() async throws {
        for name in ["data", "payload"] {
            desk.fake.choices.generation = .enveloped(name)
            let first = await desk.ask("GET /app/session", as: desk.fake.appKey)
            #expect(first.at("success") == true && first.at("\(name).auth") == false)
            #expect(first.headers["x-session-status"] == "auth" && first.at("\(name).jwt") == nil)
            let login = await desk.logIn()
            #expect(login.headers["x-session-status"] == "current" && login.at("\(name).auth") == true)
            let jwt = try #require(login.headers["x-jwt"])
            desk.fake.set("counters.scans", to: 1, of: yard)
            let other = await desk.ask("GET /user", as: jwt)
            #expect(other.headers["x-session-status"] == "stale" && other.headers["x-jwt"] != jwt)
            let beside = await desk.ask("GET /app/session", as: desk.fake.appKey, headers: ["x-jwt": jwt])
            #expect(beside.at("\(name).auth") == true && beside.headers["x-session-status"] == "current")
            let list = await desk.ask("GET /account/change-account", as: jwt)
            #expect(list.text("\(name).current") == yard)
            let refused = await desk.ask("POST /user/lock-screen", ["password": "wrong"], as: jwt)
            #expect(refused.at("success") == false && refused.at("payload.type") == "user")
            #expect(refused.text("message") != nil && refused.headers["x-session-status"] == "current")
            #expect(refused.headers["x-jwt"] != nil)
        }
        let id = desk.fake.addFetchID(user: kari, account: yard)
        let fetched = await desk.ask(
            "GET /auth-server/fetch-jwt", as: desk.fake.appKey, headers: ["x-fetch-jwt": id])
        let session = await desk.ask("GET /app/session", as: fetched.text("payload.jwt"))
        #expect(session.at("payload.auth") == true)
    }

    @Test("errors carry the type of their status, in the envelope of the generation", arguments: [false, true])
    func errors(enveloped: Bool) async throws {
        if enveloped { desk.fake.choices.generation = .enveloped("data") }
        let inner = enveloped ? "payload" : "error"
        let types = [("400", "user"), ("403", "codebase"), ("404", "codebase"), ("429", "system"), ("500", "system")]
        for (code, type) in types {
            desk.fake.script(.error(code))
            let answer = await desk.ask("GET /app/session", as: desk.fake.appKey)
            #expect(answer.status == Int(code) && answer.text("\(inner).type") == type)
            #expect(answer.at("\(inner).fields") == [])
        }
        desk.fake.script(.error("403", details: ["demo": true, "fields": [:]]), .html(status: 502))
        let blocked = await desk.ask("GET /app/session", as: desk.fake.appKey)
        #expect(blocked.at("\(inner).demo") == true && blocked.at("\(inner).fields") == [:])
        #expect(await desk.ask("GET /app/session", as: desk.fake.appKey).json == nil)
        #expect(desk.fake.calls().map(\.errorCode) == types.map(\.0) + ["403", nil])
    }

    @Test("an effect reaches into the envelope of the third generation")
    func effects() async throws {
        desk.fake.choices.generation = .enveloped("data")
        desk.fake.script(.set("auth", "select_account"), .withoutEnvelope, .withoutHeader("X-JWT"))
        let key = desk.fake.appKey
        #expect(await desk.ask("GET /app/session", as: key).at("data.auth") == "select_account")
        #expect(await desk.ask("GET /app/session", as: key).at("auth") == false)
        #expect(await desk.ask("GET /app/session", as: key).headers["x-jwt"] == nil)
    }
}
