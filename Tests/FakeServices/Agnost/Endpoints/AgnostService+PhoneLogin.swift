import SessionProtocol

/// Signing up and in by phone, with a password or a code.
extension AgnostService {
    /// A number that is taken is answered as one that is missing: so does the server.
    mutating func signUpPhone(_ call: AgnostCall) throws(AgnostFault) -> AgnostReply {
        let phone = try call.phone()
        let password = try call.newPassword("password")
        var fields = try call.userData()
        guard choices.allowsPhone else { throw .of("not_allowed") }
        guard world.user(phone: phone) == nil else { throw .of("user_not_found", "The phone number is taken.") }
        fields["provider"] = "agnost"
        fields["phone"] = .string(phone)
        fields["phoneVerified"] = fields["phoneVerified"] ?? false
        let user = world.addUser(fields, password: password, ids: choices.ids, now: call.now)
        guard choices.confirmsPhone, user.row["phoneVerified"] != true else { return try finish(user.id, call) }
        text(to: phone, .confirmPhone, user.id, call)
        return .unconfirmed(user.shown)
    }

    mutating func signInPhone(_ call: AgnostCall) throws(AgnostFault) -> AgnostReply {
        let phone = try call.phone()
        let password = try call.password("password")
        guard choices.allowsPhone else { throw .of("not_allowed") }
        guard let user = world.user(phone: phone) else { throw .of("user_not_found") }
        guard user.isOwn else { throw .of("invalid_provider") }
        guard user.password == password else { throw .of("invalid_credentials") }
        guard !choices.confirmsPhone || user.row["phoneVerified"] == true else { throw .of("phone_not_verified") }
        return try finish(user.id, call)
    }

    private mutating func text(
        to phone: String, _ action: AgnostTicket.Action, _ userID: String, _ call: AgnostCall
    ) {
        world.issue(.code, to: phone, action, userID, expiresAt: call.now + choices.codeLifetime)
    }

    mutating func sendCode(_ call: AgnostCall, _ action: AgnostTicket.Action) throws(AgnostFault) -> AgnostReply {
        let phone = try call.queryPhone()
        if action == .signIn, !choices.allowsCodes { throw .of("sms_auth_codes_disabled") }
        guard let user = world.user(phone: phone) else { throw .of("user_not_found") }
        text(to: phone, action, user.id, call)
        return .empty
    }

    /// The code of this call that is good for it; it stays until it is dropped.
    private func code(_ call: AgnostCall) throws(AgnostFault) -> AgnostTicket {
        let phone = try call.queryPhone()
        let code = try call.queryCode()
        guard let ticket = world.ticket(code, .code, at: call.now, where: { $0.address == phone }) else {
            throw .of("invalid_access_token")
        }
        return ticket
    }

    mutating func signInCode(_ call: AgnostCall) throws(AgnostFault) -> AgnostReply {
        guard choices.allowsCodes else { throw .of("sms_auth_codes_disabled") }
        let ticket = try code(call)
        guard ticket.action == .signIn else { throw .of("invalid_token_type") }
        guard world.users[ticket.userID]?.row["phone"]?.stringValue == ticket.address else {
            throw .of("mismatch_values")
        }
        world.drop(ticket)
        return try finish(ticket.userID, call)
    }

    /// After a sign-up it signs in, after a change of the number it does not.
    mutating func verifyPhone(_ call: AgnostCall) throws(AgnostFault) -> AgnostReply {
        let ticket = try code(call)
        guard ticket.action == .confirmPhone || ticket.action == .changePhone else { throw .of("invalid_action_type") }
        guard world.users[ticket.userID] != nil else { throw .of("user_not_found") }
        world.drop(ticket)
        world.users[ticket.userID]?.row["phone"] = .string(ticket.address)
        world.users[ticket.userID]?.row["phoneVerified"] = true
        if ticket.action == .confirmPhone { return try finish(ticket.userID, call) }
        return .unconfirmed(world.users[ticket.userID]?.shown ?? [:])
    }

    mutating func resetPasswordCode(_ call: AgnostCall) throws(AgnostFault) -> AgnostReply {
        let password = try call.newPassword("newPassword")
        let ticket = try code(call)
        guard ticket.action == .resetPassword else { throw .of("invalid_token_type") }
        guard world.users[ticket.userID] != nil else { throw .of("user_not_found") }
        world.drop(ticket)
        world.setPassword(password, of: ticket.userID)
        return .empty
    }
}
