import SessionCore
import SessionProtocol

/// Signing in to a consumer project: each step is one call, and either brings a session or asks for the next step.
struct ConsumerSignIn: Sendable {
    let channel: StytchChannel
    let sessions: StytchSessions

    static let methods: [String: FieldSet] = [
        "password": FieldSet(required: ["email", "password"]),
        "otp": FieldSet(required: [], optional: ["email", "phoneNumber"]),
        "magicLink": FieldSet(required: ["email"]),
        "totp": FieldSet(required: ["code"]),
        "recoveryCode": FieldSet(required: ["code"]),
    ]
    static let answers: [String: FieldSet] = [
        "otp": FieldSet(required: ["code"]), "magicLink": FieldSet(required: ["token"]),
    ]
    /// Codes and links end by themselves after these times (Stytch's defaults, as none is sent).
    private static let codeMs: Int64 = 600_000
    private static let linkMs: Int64 = 3_600_000

    func begin(_ method: String, _ fields: SignInFields, minutes: Int, session: ProviderSession?) async -> StytchStep {
        switch method {
        case "password":
            // In nobody's name: a password makes a new session.
            return await .session(
                channel.ask(
                    .post(
                        "/passwords/authenticate",
                        ["email": fields.json("email"), "password": fields.json("password")], minutes: minutes)))
        case "otp": return await sendCode(fields, session: session)
        case "magicLink": return await sendLink(fields, session: session)
        case "totp", "recoveryCode": return await addFactor(method, fields, minutes: minutes, session: session)
        default: return .outcome(.notSupported)
        }
    }

    func signUp(_ fields: SignInFields, minutes: Int) async -> StytchStep {
        await .session(
            channel.ask(
                .post(
                    "/passwords", ["email": fields.json("email"), "password": fields.json("password")],
                    minutes: minutes)))
    }

    func answer(
        _ pending: PendingChallenge, _ fields: SignInFields, minutes: Int, session: ProviderSession?
    ) async -> StytchStep {
        let held = pending.continuation
        switch pending.challenge.kind {
        case "otp":
            let code = channel.project.isServer ? "code" : "token"
            return await .session(
                channel.ask(
                    .post(
                        "/otps/authenticate",
                        ["method_id": held.json("methodID"), code: fields.json("code")], minutes: minutes,
                        session: session?.tokens.sessionToken)))
        case "magicLink":
            return await .session(
                channel.ask(
                    .post(
                        "/magic_links/authenticate",
                        ["token": fields.json("token"), "code_verifier": held.json("verifier")], minutes: minutes,
                        session: session?.tokens.sessionToken)))
        default: return .outcome(.notSupported)
        }
    }

    private func sendCode(_ fields: SignInFields, session: ProviderSession?) async -> StytchStep {
        let email = fields["email"]
        let phone = fields["phoneNumber"]
        let start: StytchCall
        switch (email, phone) {
        case (let email?, nil) where !email.isEmpty:
            start = .post(
                "/otps/email/login_or_create", ["email": .string(email)], session: starting(session))
        case (nil, let phone?) where !phone.isEmpty:
            start = .post(
                "/otps/sms/login_or_create", ["phone_number": .string(phone)], session: starting(session))
        case (_?, _?): return .outcome(.invalidField(path: "phoneNumber", expected: "no phoneNumber beside email"))
        default: return .outcome(.invalidField(path: "email", expected: "email or phoneNumber"))
        }
        let answer = await channel.ask(start)
        guard case .data(let data) = answer else { return .failed(answer) }
        guard let method = ["method_id", "email_id", "phone_id"].lazy.compactMap({ data.text($0) }).first else {
            return .outcome(.unreachable())
        }
        let sentTo = email.map(MaskedAddress.email) ?? MaskedAddress.phone(phone ?? "")
        return .challenge("otp", endsAt: channel.now() + Self.codeMs, ["sentTo": .string(sentTo)], ["methodID": method])
    }

    /// In whose name a step begins. Under `/v1` only the call that ends it takes a session token.
    private func starting(_ session: ProviderSession?) -> Secret? {
        channel.project.isServer ? nil : session?.tokens.sessionToken
    }

    private func sendLink(_ fields: SignInFields, session: ProviderSession?) async -> StytchStep {
        let pair = ProofKey()
        let answer = await channel.ask(
            .post(
                "/magic_links/email/login_or_create",
                ["email": fields.json("email"), "code_challenge": .string(pair.challenge)],
                session: starting(session)))
        guard case .data = answer else { return .failed(answer) }
        return .challenge(
            "magicLink", endsAt: channel.now() + Self.linkMs,
            ["sentTo": .string(MaskedAddress.email(fields["email"] ?? ""))], ["verifier": pair.verifier])
    }

    /// A factor of somebody whom Stytch must know already: by the session, or under `/v1` also by the user's id.
    private func addFactor(
        _ method: String, _ fields: SignInFields, minutes: Int, session: ProviderSession?
    ) async -> StytchStep {
        var values = [method == "totp" ? "totp_code" : "recovery_code": fields.json("code")]
        if channel.project.isServer {
            guard let session else { return .outcome(.sessionRequired) }
            switch await sessions.owner(session) {
            case .answer(let owner): values["user_id"] = owner["user_id"]
            case let failure: return .outcome(ProviderOutcome(failure))
            }
        }
        return await .session(
            channel.ask(
                .post(
                    method == "totp" ? "/totps/authenticate" : "/totps/recover", values, minutes: minutes,
                    session: session?.tokens.sessionToken)))
    }
}
