import SessionCore
import SessionProtocol

/// Signing in to an organization of a B2B project. Each step is one call; what one step leaves for the next is an
/// intermediate session token, which goes into bodies and never stands in for a session.
struct MemberSignIn: Sendable {
    let channel: StytchChannel

    static let methods: [String: FieldSet] = [
        "password": FieldSet(required: ["organizationId", "email", "password"]),
        "otp": FieldSet(required: ["organizationId", "email"]),
        "magicLink": FieldSet(required: ["token"]),
        "discovery": FieldSet(required: ["email"], optional: ["password"]),
    ]
    static let answers: [String: FieldSet] = [
        "otp": FieldSet(required: ["code"]),
        "organization": FieldSet(required: ["organizationId"]),
        "mfa": FieldSet(required: ["method"], optional: ["code", "phoneNumber"]),
        "primary": FieldSet(required: ["method"], optional: ["password", "code", "token"]),
    ]
    private static let codeMs: Int64 = 600_000

    func begin(_ method: String, _ fields: SignInFields, minutes: Int, session: ProviderSession?) async -> StytchStep {
        switch method {
        case "password":
            return await .session(
                channel.ask(
                    .post(
                        "/b2b/passwords/authenticate",
                        [
                            "organization_id": fields.json("organizationId"), "email_address": fields.json("email"),
                            "password": fields.json("password"),
                        ], minutes: minutes)))
        case "otp": return await sendCode(organization: fields["organizationId"] ?? "", email: fields["email"] ?? "")
        case "magicLink":
            return await .session(
                channel.ask(
                    .post(
                        "/b2b/magic_links/authenticate", ["magic_links_token": fields.json("token")], minutes: minutes,
                        session: session?.tokens.sessionToken)))
        case "discovery": return await discover(fields)
        default: return .outcome(.notSupported)
        }
    }

    /// Another organization, for somebody who is signed in to one.
    func exchange(organization id: String, minutes: Int, session: ProviderSession?) async -> StytchStep {
        guard let token = session?.tokens.sessionToken else { return .outcome(.sessionRequired) }
        return await .session(
            channel.ask(
                .post("/b2b/sessions/exchange", ["organization_id": .string(id)], minutes: minutes, session: token)))
    }

    func answer(
        _ pending: PendingChallenge, _ fields: SignInFields, minutes: Int, session: ProviderSession?
    ) async -> StytchStep {
        let held = pending.continuation
        switch pending.challenge.kind {
        case "otp" where held["organizationID"] == nil: return await discover(code: fields, held)
        case "otp":
            return await .session(
                channel.ask(
                    memberCode(
                        fields, held, minutes: minutes,
                        session: isStepUp(held, session) ? session?.tokens.sessionToken : nil)))
        case "organization":
            return await .session(
                channel.ask(
                    .post(
                        "/b2b/discovery/intermediate_sessions/exchange",
                        [
                            "intermediate_session_token": held.json("intermediate"),
                            "organization_id": fields.json("organizationId"),
                        ], minutes: minutes)))
        case "mfa": return await SecondFactor(channel: channel).answer(pending, fields, minutes: minutes)
        case "primary": return await answerPrimary(pending, fields, minutes: minutes)
        default: return .outcome(.notSupported)
        }
    }

    // MARK: - One organization

    private func sendCode(organization: String, email: String) async -> StytchStep {
        let answer = await channel.ask(
            .post(
                "/b2b/otps/email/login_or_signup",
                ["organization_id": .string(organization), "email_address": .string(email)]))
        guard case .data = answer else { return .failed(answer) }
        return .challenge(
            "otp", endsAt: channel.now() + Self.codeMs, ["sentTo": .string(MaskedAddress.email(email))],
            ["organizationID": organization, "email": email])
    }

    /// Whether the code is a further factor of the session that is held: of the same member in the same organization,
    /// which calls may name by its id, its slug or its external id.
    private func isStepUp(_ held: [String: Secret], _ session: ProviderSession?) -> Bool {
        guard let session, let organization = held.text("organizationID") else { return false }
        let names = [
            session.objects["session"]?.text("organization_id"), session.objects["session"]?.text("organization_slug"),
            session.objects["organization"]?.text("organization_external_id"),
        ]
        guard names.contains(organization) else { return false }
        let email = session.objects["member"]?.text("email_address")
        return email == nil || email?.lowercased() == held.text("email")?.lowercased()
    }

    private func memberCode(
        _ fields: SignInFields, _ held: [String: Secret], minutes: Int, session: Secret?
    ) -> StytchCall {
        .post(
            "/b2b/otps/email/authenticate",
            [
                "organization_id": held.json("organizationID"), "email_address": held.json("email"),
                "code": fields.json("code"), "intermediate_session_token": held.json("intermediate"),
            ], minutes: minutes, session: session)
    }

    // MARK: - Discovery

    private func discover(_ fields: SignInFields) async -> StytchStep {
        guard let password = fields.json("password") else {
            let email = fields["email"] ?? ""
            let answer = await channel.ask(
                .post("/b2b/otps/email/discovery/send", ["email_address": .string(email)]))
            guard case .data = answer else { return .failed(answer) }
            return .challenge(
                "otp", endsAt: channel.now() + Self.codeMs, ["sentTo": .string(MaskedAddress.email(email))],
                ["email": email])
        }
        return await .session(
            channel.ask(
                .post(
                    "/b2b/passwords/discovery/authenticate",
                    ["email_address": fields.json("email"), "password": password])))
    }

    private func discover(code fields: SignInFields, _ held: [String: Secret]) async -> StytchStep {
        await .session(
            channel.ask(
                .post(
                    "/b2b/otps/email/discovery/authenticate",
                    ["email_address": held.json("email"), "code": fields.json("code")])))
    }

    // MARK: - A primary factor that is still wanted

    private func answerPrimary(
        _ pending: PendingChallenge, _ fields: SignInFields, minutes: Int
    ) async -> StytchStep {
        let held = pending.continuation
        let person: [String: JSONValue?] = [
            "organization_id": held.json("organizationID"), "email_address": held.json("email"),
            "intermediate_session_token": held.json("intermediate"),
        ]
        switch fields["method"] {
        case "password":
            guard let password = fields.json("password") else { return .missing("password") }
            return await .session(
                channel.ask(
                    .post(
                        "/b2b/passwords/authenticate", person.merging(["password": password]) { $1 },
                        minutes: minutes)))
        case "email_otp":
            if fields.json("code") != nil {
                return await .session(channel.ask(memberCode(fields, held, minutes: minutes, session: nil)))
            }
            let answer = await channel.ask(
                .post(
                    "/b2b/otps/email/login_or_signup",
                    ["organization_id": held.json("organizationID"), "email_address": held.json("email")]))
            guard case .data = answer else { return .failed(answer) }
            return .outcome(.challenge(pending.sent(to: MaskedAddress.email(held.text("email") ?? ""))))
        case "magic_link":
            guard let token = fields.json("token") else { return .missing("token") }
            return await .session(
                channel.ask(
                    .post(
                        "/b2b/magic_links/authenticate",
                        [
                            "magic_links_token": token,
                            "intermediate_session_token": held.json("intermediate"),
                        ], minutes: minutes)))
        default: return .outcome(.invalidField(path: "method", expected: "one of password, email_otp, magic_link"))
        }
    }
}

extension StytchStep {
    static func missing(_ field: String) -> StytchStep {
        .outcome(.invalidField(path: field, expected: "a string that is not empty"))
    }
}

extension PendingChallenge {
    /// The same challenge, now that a code is on its way.
    func sent(to address: String) -> PendingChallenge {
        var details = challenge.details
        details["sentTo"] = .string(address)
        return PendingChallenge(
            challenge: Challenge(
                id: challenge.id, kind: challenge.kind, expiresAt: challenge.expiresAt, details: details),
            continuation: continuation)
    }
}
