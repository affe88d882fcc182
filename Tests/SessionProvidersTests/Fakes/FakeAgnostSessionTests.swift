import FakeServices
import SessionProtocol
import Testing

/// The fake against what is known of the service: sessions, and what surprises about them.
@Suite struct FakeAgnostSessionTests {
    private let desk = AgnostDesk()
    private let mia: String

    init() {
        mia = desk.fake.addUser(email: "mia@example.test", phone: "+4790000001", password: "correct horse")
    }

    @Test("a sign-out has an empty body, takes the cookie, and ends no other session")
    func signOut() async {
        let (own, other) = (await desk.signIn(), await desk.signIn())
        let answer = await desk.ask("POST auth/signout", [:], session: own)
        #expect(answer.status == 200 && answer.body.isEmpty)
        #expect(answer.headers["content-type"] == "application/json")
        #expect(answer.headers["set-cookie"]?.hasPrefix("session_token=;") == true)
        #expect(await desk.check(own) == "401 invalid_session_token")
        #expect(await desk.check(other) == "200 ")
    }

    @Test("a sign-out of a token has four ends, none of which touches the caller's session")
    func targets() async {
        let own = await desk.signIn()
        let stranger = desk.fake.openSession(of: desk.fake.addUser(email: "eve@example.test"))
        let gone = desk.fake.openSession(of: mia)
        desk.fake.revoke(token: gone)
        let table: [(token: String, status: Int, clears: Bool)] = [
            ("garbage", 404, false), (stranger, 403, false), (gone, 200, false),
            (desk.fake.openSession(of: mia), 200, true),
        ]
        for row in table {
            let answer = await desk.ask("POST auth/signout", ["token": .string(row.token)], session: own)
            #expect(answer.status == row.status)
            #expect(answer.text("errors.0.code") == (row.status == 200 ? nil : "invalid_session_token"))
            #expect((answer.headers["set-cookie"] != nil) == row.clears)
        }
        #expect(desk.fake.tokens() == [own, stranger])
    }

    @Test("the two calls that end many sessions break, and end them where that is chosen")
    func signOutAll() async {
        let own = await desk.signIn()
        let other = desk.fake.openSession(of: mia)
        for call in ["POST auth/signout-all", "POST auth/signout-all-except"] {
            let answer = await desk.ask(call, session: own)
            #expect(answer.status == 500 && answer.text("errors.0.name") == "ReferenceError")
        }
        #expect(desk.fake.tokens() == [own, other])
        desk.fake.choices.isSignOutAllBroken = false
        #expect(await desk.ask("POST auth/signout-all-except", session: own).body.isEmpty)
        #expect(desk.fake.tokens() == [own])
        #expect(await desk.ask("POST auth/signout-all", session: own).headers["set-cookie"] != nil)
        #expect(desk.fake.tokens().isEmpty)
    }

    @Test("a replica that lags hides a new session and shows an ended one for so many checks")
    func lag() async {
        desk.fake.choices.checksUntilSeen = 2
        desk.fake.choices.checksUntilGone = 1
        let token = await desk.signIn()
        var seen: [String] = []
        for _ in 0..<3 { seen.append(await desk.check(token)) }
        desk.fake.revoke(token: token)
        for _ in 0..<2 { seen.append(await desk.check(token)) }
        let gone = "401 invalid_session_token"
        #expect(seen == [gone, gone, "200 ", "200 ", gone])
    }

    @Test("the list is a bare array with whole tokens; one that it has lost lives on")
    func list() async {
        let own = await desk.signIn()
        let other = desk.fake.openSession(of: mia, userAgent: nil)
        let answer = await desk.ask("GET auth/sessions", session: own)
        #expect(answer.json?.arrayValue?.compactMap { $0["token"]?.stringValue } == [own, other])
        #expect(answer.at("1.userAgent") == nil)
        desk.fake.loseFromList(token: own)
        desk.fake.loseFromList(token: other)
        #expect(await desk.ask("GET auth/sessions", session: own).json == [])
        #expect(await desk.check(own) == "200 ")
    }

    @Test("no session ends by time, by a new password or with its user's row")
    func lasting() async {
        let token = await desk.signIn()
        desk.clock.pass(seconds: 400 * 86_400)
        let change: JSONValue = ["oldPassword": "correct horse", "newPassword": "battery staple"]
        let changed = await desk.ask("POST auth/change-pwd", change, session: token)
        #expect(changed.status == 200 && changed.body.isEmpty)
        #expect(await desk.check(token) == "200 ")
        desk.fake.set("team", to: "red", of: mia)
        #expect(await desk.ask("GET auth/user", session: token).at("team") == "red")
        desk.fake.deleteUser(mia)
        #expect(await desk.check(token) == "404 user_not_found")
        #expect(await desk.check(token, "GET auth/sessions") == "200 ")
    }

    @Test("trouble with the user model leaves the calls alone that only read the session store")
    func userModel() async {
        let token = await desk.signIn()
        desk.fake.choices.userModelProblem = "invalid_auth_user_data_model"
        let refused = "400 invalid_auth_user_data_model"
        #expect(await desk.check(token) == refused)
        #expect(await desk.check(token, "POST auth/signout") == refused)
        #expect(await desk.check(token, "GET auth/sessions") == "200 ")
        #expect(await desk.check(token, "POST auth/signout-all") == "500 internal_server_error")
        #expect(desk.fake.tokens() == [token])
    }

    @Test("a lost store and another secret end all sessions", arguments: [true, false])
    func ends(isStore: Bool) async {
        let token = await desk.signIn()
        if isStore { desk.fake.loseAllSessions() } else { desk.fake.changeTokenSecret() }
        #expect(await desk.check(token) == "401 invalid_session_token")
    }

    @Test("ids and sessions take every known shape")
    func shapes() async {
        desk.fake.choices.ids = .numbers
        desk.fake.choices.userAgents = .altogic
        desk.fake.choices.sendsCreationTime = false
        desk.fake.choices.accessGroupKeys = []
        desk.fake.addUser(email: "sql@example.test", password: "correct horse")
        let answer = await desk.ask(
            "POST auth/signin-email", ["email": "sql@example.test", "password": "correct horse"])
        #expect(answer.at("user.id")?.integerValue != nil && answer.at("user._id") == nil)
        #expect(answer.at("session.userId") == answer.at("user.id"))
        #expect(answer.text("session.userAgent.os.family") == "Other")
        #expect(answer.at("session.creationDtm") == nil && answer.at("session.accessGroupKeys") == [])
        #expect(await desk.check(answer.text("session.token") ?? "") == "200 ")
        desk.fake.choices.userAgents = .missing
        let bare = await desk.ask(
            "POST auth/signin-email", ["email": "sql@example.test", "password": "correct horse"])
        #expect(bare.at("session.userAgent") == nil)
    }

    @Test("a change that waits for confirmation shows the hash, one that does not hides it")
    func hashes() async throws {
        let token = await desk.signIn()
        let hash = try #require(desk.fake.passwordHash(of: mia))
        let email: JSONValue = [
            "currentPassword": "correct horse", "newEmail": "m2@example.test", "redirectURL": "https://app.test",
        ]
        let phone: JSONValue = ["currentPassword": "correct horse", "newPhone": "+4790000002"]
        desk.fake.choices.confirmsEmail = true
        desk.fake.choices.confirmsPhone = true
        let waiting = await desk.ask("POST auth/change-email", email, session: token)
        #expect(waiting.text("password") == hash && waiting.text("email") == "mia@example.test")
        let texted = await desk.ask("POST auth/change-phone", phone, session: token)
        #expect(texted.text("user.password") == hash && texted.at("session") == .some(.null))
        let code = try #require(desk.fake.code(to: "+4790000002"))
        let verified = await desk.ask("POST auth/verify-phone", query: ["phone": "+4790000002", "code": code])
        #expect(verified.text("user.phone") == "+4790000002" && verified.at("session") == .some(.null))
        desk.fake.choices.confirmsEmail = false
        let changed = await desk.ask("POST auth/change-email", email, session: token)
        #expect(changed.at("password") == nil && changed.text("email") == "m2@example.test")
    }

    @Test("a code by SMS has six digits and signs in once")
    func codes() async throws {
        let phone = ["phone": "+4790000001"]
        #expect(await desk.ask("POST auth/send-code", query: phone).body.isEmpty)
        let code = try #require(desk.fake.code(to: "+4790000001"))
        #expect(code.count == 6 && code.first != "0")
        let table: [(query: [String: String], status: Int, code: String?)] = [
            (["code": code], 400, "missing_phone_number"), (phone, 400, "missing_sms_code"),
            (["phone": "+4790000001", "code": "000000"], 403, "invalid_access_token"),
            (["phone": "+4790000001", "code": code], 200, nil),
            (["phone": "+4790000001", "code": code], 403, "invalid_access_token"),
        ]
        for row in table {
            let answer = await desk.ask("POST auth/signin-code", query: row.query)
            #expect(answer.status == row.status && answer.text("errors.0.code") == row.code)
        }
        desk.fake.choices.allowsCodes = false
        #expect(await desk.ask("POST auth/send-code", query: phone).text("errors.0.code") == "sms_auth_codes_disabled")
    }

    @Test("a sign-up by phone waits for its code, which signs in")
    func phones() async throws {
        desk.fake.choices.confirmsPhone = true
        let answer = await desk.ask("POST auth/signup-phone", ["phone": "+4790000005", "password": "secret1"])
        #expect(answer.status == 200 && answer.at("session") == .some(.null))
        let early = await desk.ask("POST auth/signin-phone", ["phone": "+4790000005", "password": "secret1"])
        #expect(early.text("errors.0.code") == "phone_not_verified")
        let code = try #require(desk.fake.code(to: "+4790000005"))
        let verified = await desk.ask("POST auth/verify-phone", query: ["phone": "+4790000005", "code": code])
        #expect(verified.text("session.token") != nil && verified.at("user.phoneVerified") == true)
    }

    @Test("a new password by mail or by SMS replaces the old one", arguments: [true, false])
    func resets(byMail: Bool) async throws {
        if byMail {
            let body: JSONValue = ["email": "mia@example.test", "redirectURL": "https://app.test"]
            #expect(await desk.ask("POST auth/send-reset", body).body.isEmpty)
            let click = try #require(desk.fake.link(to: "mia@example.test"))
            let target = try #require(await desk.fake.answer(click).headers["location"])
            let key = try #require(target.split(separator: "access_token=").last?.split(separator: "&").first)
            let refused = await desk.ask("GET auth/grant", query: ["key": String(key)])
            #expect(refused.text("errors.0.code") == "invalid_token_type")
            let reset = await desk.ask(
                "POST auth/reset-pwd", ["newPassword": "battery"], query: ["key": String(key)])
            #expect(reset.status == 200)
        } else {
            #expect(await desk.ask("POST auth/send-reset-code", query: ["phone": "+4790000001"]).status == 200)
            let code = try #require(desk.fake.code(to: "+4790000001"))
            let reset = await desk.ask(
                "POST auth/reset-pwd-code", ["newPassword": "battery"],
                query: ["phone": "+4790000001", "code": code])
            #expect(reset.status == 200)
        }
        #expect(await desk.signIn("mia@example.test", "correct horse").isEmpty)
        #expect(await !desk.signIn("mia@example.test", "battery").isEmpty)
    }
}
