import SessionProtocol

/// What signed-in users change about themselves. No session ends by any of it.
extension AgnostService {
    /// The row behind the session; 404 where it was deleted, though the session lives.
    func signedIn(_ call: AgnostCall) throws(AgnostFault) -> AgnostUser {
        guard let user = world.users[try own(call).userID] else { throw .of("user_not_found") }
        return user
    }

    private func proven(_ call: AgnostCall, by name: String) throws(AgnostFault) -> AgnostUser {
        let password = try call.password(name)
        let user = try signedIn(call)
        guard user.password == password else { throw .of("invalid_credentials") }
        return user
    }

    mutating func changePassword(_ call: AgnostCall) throws(AgnostFault) -> AgnostReply {
        let password = try call.newPassword("newPassword")
        world.setPassword(password, of: try proven(call, by: "oldPassword").id)
        return .empty
    }

    /// Where a click must confirm it, the answer is the unchanged row as the database holds it: with the hash.
    mutating func changeEmail(_ call: AgnostCall) throws(AgnostFault) -> AgnostReply {
        let email = try call.email("newEmail")
        let user = try proven(call, by: "currentPassword")
        guard choices.allowsEmail else { throw .of("not_allowed") }
        guard world.user(email: email) == nil else { throw .of("email_not_unique") }
        if choices.confirmsEmail {
            mail(to: email, .changeEmail, user.id, try redirectURL(call), call)
            return .json(.object(user.row))
        }
        world.users[user.id]?.row["email"] = .string(email)
        return .json(.object(try signedIn(call).shown))
    }

    mutating func changePhone(_ call: AgnostCall) throws(AgnostFault) -> AgnostReply {
        let phone = try call.phone("newPhone")
        let user = try proven(call, by: "currentPassword")
        guard choices.allowsPhone else { throw .of("not_allowed") }
        guard world.user(phone: phone) == nil else { throw .of("user_not_found", "The phone number is taken.") }
        if choices.confirmsPhone {
            world.issue(.code, to: phone, .changePhone, user.id, expiresAt: call.now + choices.codeLifetime)
            return .unconfirmed(user.row)
        }
        world.users[user.id]?.row["phone"] = .string(phone)
        return .json(.object(try signedIn(call).shown))
    }
}
