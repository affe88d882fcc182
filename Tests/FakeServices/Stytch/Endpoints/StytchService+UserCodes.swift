import Crypto
import SessionProtocol

/// One-time codes and magic links of users.
extension StytchService {
    mutating func sendUserCode(
        _ channel: FakeStytchCode.Channel, _ call: StytchCall
    ) throws(StytchFault) -> StytchPayload {
        let isEmail = channel == .email
        let address = try call.required(isEmail ? "email" : "phone_number")
        let lifetime = try call.minutes("expiration_minutes").map { $0 * 60_000 } ?? StytchWorld.codeLifetime
        let found = isEmail ? world.user(email: address) : world.user(phone: address)
        let user =
            found
            ?? world.addUser(
                email: isEmail ? address : nil, phone: isEmail ? nil : address, isVerified: false, now: call.now)
        let entry =
            isEmail ? user.entry("emails", "email", address) : user.entry("phone_numbers", "phone_number", address)
        let methodID = entry?[isEmail ? "email_id" : "phone_id"]?.stringValue ?? ""
        world.send(channel, to: address, methodID: methodID, owner: user.id, expiresAt: call.now + lifetime)
        if call.mode == .sdk { return ["method_id": .string(methodID)] }
        return [
            "user_id": .string(user.id), isEmail ? "email_id" : "phone_id": .string(methodID),
            "user_created": .bool(found == nil),
        ]
    }

    /// The finishing field is `token` for SDKs and `code` for servers.
    mutating func authenticateUserCode(_ call: StytchCall) throws(StytchFault) -> StytchPayload {
        let code = try call.required(call.mode == .sdk ? "token" : "code")
        let methodID = try call.required("method_id")
        _ = try duration(call, isRequired: true)
        guard let sent = world.take(code, at: call.now, where: { $0.methodID == methodID }),
            let owner = sent.ownerID, var user = world.people[owner]
        else { throw .of("unable_to_auth_otp_code") }
        let isEmail = sent.channel == .email
        let lists = isEmail ? ("emails", "email") : ("phone_numbers", "phone_number")
        let isReset = user.verify(lists.0, lists.1, sent.address) && isDangerous(user)
        world.people[owner] = user
        let detail: JSONValue =
            isEmail
            ? ["email_id": .string(methodID), "email_address": .string(sent.address)]
            : ["phone_id": .string(methodID), "phone_number": .string(sent.address)]
        let factor = StytchFactor(
            "otp", sent.channel.rawValue, isEmail ? "email_factor" : "phone_number_factor", detail, at: call.now)
        var payload = try finish(user, factor, call, resetting: isReset)
        payload["method_id"] = .string(methodID)
        payload["reset_sessions"] = .bool(isReset)
        return payload
    }

    mutating func sendUserLink(_ call: StytchCall) throws(StytchFault) -> StytchPayload {
        let email = try call.required("email")
        let found = world.user(email: email)
        let user = found ?? world.addUser(email: email, isVerified: false, now: call.now)
        let methodID = user.entry("emails", "email", email)?["email_id"]?.stringValue ?? ""
        world.sendLink(
            to: email, methodID: methodID, owner: user.id, challenge: call.optional("code_challenge"), now: call.now)
        if call.mode == .sdk { return [:] }
        return [
            "user_id": .string(user.id), "email_id": .string(methodID), "user_created": .bool(found == nil),
        ]
    }

    mutating func authenticateUserLink(_ call: StytchCall) throws(StytchFault) -> StytchPayload {
        let token = try call.required("token")
        _ = try duration(call, isRequired: true)
        let link = try takeLink(token, verifier: call.optional("code_verifier"), call)
        guard let owner = link.ownerID, var user = world.people[owner] else { throw .of("unable_to_auth_magic_link") }
        let isReset = user.verify("emails", "email", link.address) && isDangerous(user)
        world.people[owner] = user
        let detail: JSONValue = ["email_id": .string(link.methodID), "email_address": .string(link.address)]
        var payload = try finish(
            user, StytchFactor("magic_link", "email", "email_factor", detail, at: call.now), call, resetting: isReset)
        payload["method_id"] = .string(link.methodID)
        payload["reset_sessions"] = .bool(isReset)
        return payload
    }

    /// Uses a link up. One that was sent with a challenge needs the verifier whose SHA-256 it is.
    mutating func takeLink(
        _ token: String, verifier: String?, _ call: StytchCall
    ) throws(StytchFault) -> FakeStytchLink {
        guard let index = world.links.firstIndex(where: { $0.token == token && !$0.isUsed && $0.expiresAt > call.now })
        else { throw .of("unable_to_auth_magic_link") }
        if let challenge = world.links[index].challenge {
            let proof = verifier.map { FakeBase64URL.encode(Array(SHA256.hash(data: Array($0.utf8)))) }
            guard proof == challenge else { throw .of("unable_to_auth_magic_link", "The code verifier does not fit.") }
        }
        world.links[index].isUsed = true
        return world.links[index]
    }

    /// Whether somebody else may have made sessions of this user before the address was shown to be theirs.
    private func isDangerous(_ user: StytchPerson) -> Bool {
        !world.sessions(of: user.id).isEmpty
    }
}
