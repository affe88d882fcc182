import SessionCore
import SessionProtocol

/// The second factor of a B2B sign-in.
struct SecondFactor: Sendable {
    let channel: StytchChannel

    static let methods = ["sms_otp", "totp", "recovery_code"]

    /// Checks the code; a method whose code has to be sent, and no code, sends one.
    func answer(_ pending: PendingChallenge, _ fields: SignInFields, minutes: Int) async -> StytchStep {
        let held = pending.continuation
        let person: [String: JSONValue?] = [
            "organization_id": held.json("organizationID"), "member_id": held.json("memberID"),
            "intermediate_session_token": held.json("intermediate"),
        ]
        let path: String
        switch fields["method"] {
        case "sms_otp" where fields.json("code") == nil:
            return await sendCode(pending, to: fields["phoneNumber"], person)
        case "sms_otp": path = "/b2b/otps/sms/authenticate"
        case "totp": path = "/b2b/totp/authenticate"
        case "recovery_code": path = "/b2b/recovery_codes/recover"
        default:
            return .outcome(
                .invalidField(path: "method", expected: "one of \(Self.methods.joined(separator: ", "))"))
        }
        guard let code = fields.json("code") else { return .missing("code") }
        let name = fields["method"] == "recovery_code" ? "recovery_code" : "code"
        return await .session(
            channel.ask(.post(path, person.merging([name: code]) { $1 }, minutes: minutes)))
    }

    /// To the number that is given, now or before, else to the one that the member has set up, which Stytch knows.
    private func sendCode(
        _ pending: PendingChallenge, to phone: String?, _ person: [String: JSONValue?]
    ) async -> StytchStep {
        let held = pending.continuation
        let given = phone.flatMap { $0.isEmpty ? nil : $0 } ?? held.text("givenPhone")
        guard let address = given ?? held.text("phone") else { return .missing("phoneNumber") }
        let answer = await channel.ask(
            .post(
                "/b2b/otps/sms/send", person.merging(["mfa_phone_number": given.map(JSONValue.string)]) { $1 }))
        guard case .data = answer else { return .failed(answer) }
        var sent = pending.sent(to: MaskedAddress.phone(address))
        sent.continuation["givenPhone"] = Secret(given)
        return .outcome(.challenge(sent))
    }
}
