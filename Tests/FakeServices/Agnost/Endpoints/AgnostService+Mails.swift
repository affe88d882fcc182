import SessionProtocol

/// Mails, the links in them, and what these lead to.
extension AgnostService {
    mutating func mail(
        to email: String, _ action: AgnostTicket.Action, _ userID: String, _ redirect: String, _ call: AgnostCall
    ) {
        world.issue(
            .link, to: email, action, userID, redirect: redirect, expiresAt: call.now + choices.grantLifetime)
    }

    mutating func sendMail(_ call: AgnostCall, _ action: AgnostTicket.Action) throws(AgnostFault) -> AgnostReply {
        let email = try call.email()
        guard choices.allowsEmail else { throw .of("not_allowed") }
        guard let user = world.user(email: email) else { throw .of("user_not_found") }
        mail(to: email, action, user.id, try redirectURL(call), call)
        return .empty
    }

    /// The click on a mail's link. It leads on whatever comes of it.
    mutating func verify(_ call: AgnostCall) throws(AgnostFault) -> AgnostReply {
        let redirect = call.query["redirect"] ?? choices.redirectURL ?? ""
        guard !redirect.isEmpty else { throw .of("redirect_url_missing") }
        let action = call.query["action"] ?? ""
        let joint = redirect.contains("?") ? "&" : "?"
        guard
            let ticket = world.take(
                call.query["key"] ?? "", .link, at: call.now, where: { $0.action.rawValue == action })
        else {
            return .redirect("\(redirect)\(joint)action=\(action)&status=403&code=invalid_access_token&error=invalid")
        }
        switch ticket.action {
        case .confirmEmail: world.users[ticket.userID]?.row["emailVerified"] = true
        case .changeEmail:
            world.users[ticket.userID]?.row["email"] = .string(ticket.address)
            world.users[ticket.userID]?.row["emailVerified"] = true
        default: break
        }
        let opens: AgnostTicket.Action =
            ticket.action == .confirmEmail || ticket.action == .changeEmail ? .emailSignIn : ticket.action
        let grant = world.issue(
            .grant, to: ticket.address, opens, ticket.userID, expiresAt: call.now + choices.grantLifetime)
        return .redirect("\(redirect)\(joint)access_token=\(grant)&action=\(action)&status=200")
    }

    /// A grant is good for one sign-in, and only where it was made for one.
    mutating func grant(_ call: AgnostCall) throws(AgnostFault) -> AgnostReply {
        guard let key = call.query["key"], !key.isEmpty else { throw .of("missing_access_token") }
        guard choices.allowsEmail else { throw .of("not_allowed") }
        guard let ticket = world.ticket(key, .grant, at: call.now) else { throw .of("invalid_access_token") }
        guard ticket.action.signsIn else { throw .of("invalid_token_type") }
        world.drop(ticket)
        return try finish(ticket.userID, call)
    }

    mutating func resetPassword(_ call: AgnostCall) throws(AgnostFault) -> AgnostReply {
        guard let key = call.query["key"], !key.isEmpty else { throw .of("missing_access_token") }
        let password = try call.newPassword("newPassword")
        guard let ticket = world.ticket(key, .grant, at: call.now) else { throw .of("invalid_access_token") }
        guard ticket.action == .resetPassword else { throw .of("invalid_token_type") }
        guard world.users[ticket.userID] != nil else { throw .of("user_not_found") }
        world.drop(ticket)
        world.setPassword(password, of: ticket.userID)
        return .empty
    }
}
