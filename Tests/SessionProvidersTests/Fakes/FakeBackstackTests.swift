import FakeServices
import SessionProtocol
import Testing

/// The fake against what is known of the service: credentials, logins, the lock.
@Suite struct FakeBackstackTests {
    private let desk = BackstackDesk()
    private let yard: String
    private let kari: String

    init() {
        desk.fake.setVersion("ver_1", access: ["account-users": "crud", "account-payment-methods": "ru"])
        yard = desk.fake.addAccount("North Yard")
        kari = desk.fake.addUser("kari", password: "correct horse", accounts: [yard])
    }

    @Test("the app key begins an anonymous session with a jwt")
    func anonymous() async throws {
        let answer = await desk.ask("GET /app/session", as: desk.fake.appKey, headers: ["x-provider-id": "shop"])
        #expect(answer.status == 200 && answer.at("auth") == false)
        #expect(answer.text("app.id")?.hasPrefix("app_") == true && answer.text("provider_id") == "shop")
        #expect(answer.at("account") == [:] && answer.at("user") == [:] && answer.at("access") == [:])
        #expect(answer.text("access_signature") == "d751713988987e9331980363e24189ce")
        let jwt = try #require(answer.text("jwt"))
        #expect(jwtPart(jwt, 1)?["app_id"]?.stringValue == answer.text("app.id"))
        #expect(await desk.ask("GET /app/session", as: jwt).at("auth") == false)
        #expect(answer.headers["etag"] == nil && answer.headers["x-jwt"] == nil)
    }

    @Test(
        "whatever is wrong with the credential, it is the same 401",
        arguments: [nil, "", "Bearer key_0123456789", "key_other", "a.b.c"] as [String?])
    func credentials(credential: String?) async {
        let answer = await desk.ask("GET /app/session", as: credential)
        #expect(answer.status == 401)
        #expect(
            answer.json == [
                "error": [
                    "request_method": "get", "type": "codebase", "code": 401, "message": "An error occurred.",
                    "fields": [], "dev_message": "invalid API initialization",
                ]
            ])
    }

    @Test("a login shows everything, with the access of version and optional features")
    func login() async throws {
        desk.fake.setFeature("fea_export", access: ["export": "r", "account-payment-methods": "d"])
        desk.fake.set("optional_features", to: ["fea_export"], of: yard)
        desk.fake.setAlerts([["id": "b", "priority": 2], ["id": "a", "priority": 1]])
        let answer = await desk.logIn()
        #expect(answer.at("auth") == true)
        #expect(answer.text("account.id") == yard && answer.text("user.id") == kari)
        #expect(
            answer.at("access") == ["account-users": "crud", "account-payment-methods": "rud", "export": "r"])
        #expect(answer.json?["alerts"]?.arrayValue?.compactMap { $0["id"]?.stringValue } == ["b", "a"])
        #expect(answer.at("user.account_user") == 1 && answer.at("user.password") == nil)
        #expect(answer.at("account.is_app_account") == false && answer.at("account.utc_offset") == 3600)
        let claims = jwtPart(answer.text("jwt") ?? "", 1)
        #expect(claims?["user_id"]?.stringValue == kari && claims?["account_id"]?.stringValue == yard)
        #expect(claims?["exp"] == nil)
    }

    @Test(
        "a jwt that was replaced does what was chosen",
        arguments: [FakeBackstackChoices.OldJWT.follows, .frozen, .refused])
    func oldJWTs(old: FakeBackstackChoices.OldJWT) async throws {
        desk.fake.choices.oldJWT = old
        let first = try #require(await desk.ask("GET /app/session", as: desk.fake.appKey).text("jwt"))
        let body: JSONValue = ["username": "kari", "password": "correct horse"]
        let second = try #require(await desk.ask("POST /app/login", body, as: first).text("jwt"))
        #expect(first != second)
        let answer = await desk.ask("GET /app/session", as: first)
        switch old {
        case .follows: #expect(answer.at("auth") == true)
        case .frozen: #expect(answer.at("auth") == false)
        case .refused: #expect(answer.status == 401)
        }
        #expect(await desk.ask("GET /app/session", as: second).at("auth") == true)
    }

    @Test("without rotation a jwt stays until the login changes; where answers leave it out it stays for good")
    func keeping() async throws {
        desk.fake.choices.rotates = false
        let first = try #require(await desk.ask("GET /app/session", as: desk.fake.appKey).text("jwt"))
        #expect(await desk.ask("GET /app/session", as: first).text("jwt") == first)
        let body: JSONValue = ["username": "kari", "password": "correct horse"]
        let second = try #require(await desk.ask("POST /app/login", body, as: first).text("jwt"))
        #expect(second != first)
        desk.fake.choices.rotates = true
        desk.fake.choices.oldJWT = .refused
        desk.fake.choices.leavesJWTOut = true
        for _ in 0..<2 {
            let answer = await desk.ask("GET /app/session", as: second)
            #expect(answer.at("auth") == true && answer.at("jwt") == nil)
        }
    }

    @Test("with several accounts one is chosen, in each shape and by both forms of the call")
    func choosing() async throws {
        let quay = desk.fake.addAccount("South Quay", fields: ["is_app_account": true])
        desk.fake.addUser("ola", password: "correct horse", accounts: [yard, quay])
        let shapes: [(shape: FakeBackstackChoices.Accounts, accounts: JSONValue)] = [
            (.map, .object([yard: "North Yard", quay: "South Quay"])),
            (
                .array,
                [["id": .string(yard), "title": "North Yard"], ["id": .string(quay), "title": "South Quay"]]
            ),
            (.pairs, [.object([yard: "North Yard"]), .object([quay: "South Quay"])]),
        ]
        for (index, row) in shapes.enumerated() {
            desk.fake.choices.loginAccounts = row.shape
            let login = await desk.logIn("ola")
            #expect(login.at("auth.select_account.accounts") == row.accounts)
            #expect(login.at("account") == [:] && login.at("access") == [:])
            let again = await desk.ask("GET /app/login-account", as: login.text("jwt"))
            #expect(again.at("accounts") == row.accounts)
            let wrong = await desk.ask("POST /app/login-account", ["account_id": "acc_0"], as: login.text("jwt"))
            #expect(wrong.status == 400 && wrong.at("error.fields.account_id") != nil)
            let chosen =
                index == 0
                ? await desk.ask("POST /app/login-account", ["account_id": .string(quay)], as: login.text("jwt"))
                : await desk.ask("POST /app/login-account/\(quay)", .null, as: login.text("jwt"))
            #expect(chosen.at("auth") == true && chosen.text("account.id") == quay)
        }
        desk.fake.choices.namesAccountChoice = true
        let login = await desk.logIn("ola")
        #expect(login.at("auth") == "select_account")
        #expect(await desk.ask("GET /app/login-account", as: login.text("jwt")).text("last_login") == quay)
    }

    @Test("a wrong login is an error of type user, and the session stays anonymous")
    func wrongLogin() async throws {
        let first = try #require(await desk.ask("GET /app/session", as: desk.fake.appKey).text("jwt"))
        for body: JSONValue in [
            ["username": "kari", "password": "wrong"], ["username": "no", "password": "x"], ["username": "kari"],
        ] {
            let answer = await desk.ask("POST /app/login", body, as: first)
            #expect(answer.status == 400 && answer.at("error.type") == "user")
        }
        #expect(await desk.ask("GET /app/session", as: first).at("auth") == false)
    }

    @Test("a logout is a GET, and leaves a session without a login")
    func logout() async throws {
        let jwt = await desk.logIn().text("jwt")
        let answer = await desk.ask("GET /app/logout", as: jwt)
        #expect(answer.at("auth") == false && answer.at("user") == [:] && answer.at("account") == [:])
        #expect(answer.at("app.title") == "Depot")
        #expect(await desk.ask("GET /app/session", as: answer.text("jwt")).at("auth") == false)
        #expect(await desk.ask("GET /user", as: answer.text("jwt")).status == 403)
        #expect(await desk.ask("POST /app/logout", as: answer.text("jwt")).status == 404)
    }

    @Test("a lock empties the access and keeps the login; the password brings it back", arguments: [false, true])
    func lock(asArrays: Bool) async throws {
        desk.fake.choices.emptyMapsAsArrays = asArrays
        let login = await desk.logIn()
        let locked = await desk.ask("GET /user/lock-screen", as: login.text("jwt"))
        #expect(locked.at("auth") == true && locked.at("user.screen_locked") == true)
        #expect(locked.at("access") == (asArrays ? [] : [:]))
        #expect(locked.text("access_signature") == "d751713988987e9331980363e24189ce")
        let wrong = await desk.ask("POST /user/lock-screen", ["password": "wrong"], as: locked.text("jwt"))
        #expect(wrong.status == 400 && wrong.at("error.fields.password") != nil)
        desk.fake.choices.statusWhileLocked = 403
        #expect(await desk.ask("GET /account", as: locked.text("jwt")).status == 403)
        let opened = await desk.ask("POST /user/lock-screen", ["password": "correct horse"], as: locked.text("jwt"))
        #expect(opened.at("user.screen_locked") == false && opened.at("access") == login.at("access"))
        #expect(opened.text("access_signature") == login.text("access_signature"))
    }

    @Test("another account changes the whole session")
    func changeAccount() async throws {
        desk.fake.setVersion("ver_2", access: ["scans": "r"])
        let quay = desk.fake.addAccount("South Quay", version: "ver_2")
        desk.fake.addUser("ola", password: "correct horse", accounts: [yard, quay])
        let login = await desk.logIn("ola")
        let chosen = await desk.ask("POST /app/login-account/\(yard)", as: login.text("jwt"))
        let list = await desk.ask("GET /user/change-account", as: chosen.text("jwt"))
        #expect(list.json == .object([yard: "North Yard", quay: "South Quay"]))
        let changed = await desk.ask(
            "POST /user/change-account", ["account_id": .string(quay)], as: chosen.text("jwt"))
        #expect(changed.text("account.id") == quay && changed.at("access") == ["scans": "r"])
        #expect(changed.text("access_signature") != chosen.text("access_signature"))
        #expect(changed.text("jwt") != chosen.text("jwt"))
    }

    @Test("a forgotten password is set with the token that was mailed, once")
    func reset() async throws {
        let key = desk.fake.appKey
        #expect(await desk.ask("POST /app/forgot-password", ["email": "no@x.test"], as: key).status == 400)
        #expect(await desk.ask("POST /app/forgot-password", ["email": "kari@depot.example"], as: key).status == 200)
        let token = try #require(desk.fake.resetToken(of: kari))
        #expect(await desk.ask("GET /app/reset-password/\(token)", as: key).text("token") == token)
        let table: [(password: JSONValue, confirm: JSONValue, status: Int)] = [
            ("short", "short", 400), ("long enough", "other", 400), ("long enough", "long enough", 200),
            ("long enough", "long enough", 404),
        ]
        for row in table {
            let body: JSONValue = ["token": .string(token), "password": row.password, "confirm": row.confirm]
            #expect(await desk.ask("POST /app/reset-password", body, as: key).status == row.status)
        }
        #expect(await desk.logIn("kari", "long enough").at("auth") == true)
    }
}
