import SessionProtocol

/// Signing up and in by e-mail.
extension AgnostService {
    mutating func signUpEmail(_ call: AgnostCall) throws(AgnostFault) -> AgnostReply {
        let email = try call.email()
        let password = try call.newPassword("password")
        let data = try call.userData()
        guard choices.allowsEmail else { throw .of("not_allowed") }
        guard world.user(email: email) == nil else { throw .of("email_not_unique") }
        let waits = choices.confirmsEmail && data["emailVerified"] != true
        let redirect = waits ? try redirectURL(call) : nil
        var fields = data
        fields["provider"] = "agnost"
        fields["email"] = .string(email)
        fields["emailVerified"] = data["emailVerified"] ?? false
        let user = world.addUser(fields, password: password, ids: choices.ids, now: call.now)
        guard let redirect else { return try finish(user.id, call) }
        mail(to: email, .confirmEmail, user.id, redirect, call)
        return .unconfirmed(user.shown)
    }

    /// An unknown address and a wrong password look alike.
    mutating func signInEmail(_ call: AgnostCall) throws(AgnostFault) -> AgnostReply {
        let email = try call.email()
        let password = try call.password("password")
        guard choices.allowsEmail else { throw .of("not_allowed") }
        guard let user = world.user(email: email) else { throw .of("invalid_sign_in_credentials") }
        guard user.isOwn else { throw .of("invalid_provider_sign_in") }
        guard user.password == password else { throw .of("invalid_sign_in_credentials") }
        guard !choices.confirmsEmail || user.row["emailVerified"] == true else { throw .of("email_not_verified") }
        return try finish(user.id, call)
    }

    /// A new session for a user, with the time of this sign-in.
    mutating func finish(_ userID: String, _ call: AgnostCall) throws(AgnostFault) -> AgnostReply {
        guard world.users[userID] != nil else { throw .of("user_not_found") }
        world.users[userID]?.row["lastLoginAt"] = .string(FakeTime.iso(call.now))
        let session = world.open(userID, userAgent: call.userAgent, choices: choices, now: call.now)
        guard let user = world.users[userID] else { throw .of("user_not_found") }
        return .signedIn(user, session)
    }

    /// Where a mail's link leads in the end.
    func redirectURL(_ call: AgnostCall) throws(AgnostFault) -> String {
        guard let text = call.body["redirectURL"]?.stringValue ?? choices.redirectURL, !text.isEmpty else {
            throw .of("redirect_url_missing")
        }
        guard text.hasPrefix("https://") || text.hasPrefix("http://") else { throw .of("invalid_redirect_url") }
        return text
    }
}
