import SessionCore
import SessionProtocol

/// Signing in and up: each step is one call, and none carries a session, so that each makes a new one.
struct AgnostSignIn: Sendable {
    let channel: AgnostChannel

    static let methods: [String: FieldSet] = [
        "password": FieldSet(required: ["password"], optional: ["email", "phone"]),
        "code": FieldSet(required: ["phone"]), "verifyPhone": FieldSet(required: ["phone", "code"]),
    ]
    static let signUpMethods: [String: FieldSet] = [
        "password": FieldSet(
            required: ["password"], optional: ["email", "phone", "redirectURL"], objects: ["userData"])
    ]
    static let answers: [String: FieldSet] = ["otp": FieldSet(required: ["code"])]

    private enum Address {
        case email(String)
        case phone(String)
    }

    func begin(_ method: String, _ fields: SignInFields) async -> ProviderOutcome {
        switch method {
        case "password":
            let password = fields.json("password")
            switch address(fields) {
            case .success(.email(let email)):
                return await session(.post("signin-email", ["email": .string(email), "password": password]))
            case .success(.phone(let phone)):
                return await session(.post("signin-phone", ["phone": .string(phone), "password": password]))
            case .failure(let refusal): return refusal.outcome
            }
        case "code": return await sendCode(to: fields["phone"] ?? "")
        // With the code that a sign-up by phone has sent.
        case "verifyPhone":
            return await session(
                .post("verify-phone").asking("code", fields["code"] ?? "").asking("phone", fields["phone"] ?? ""))
        default: return .notSupported
        }
    }

    func answer(_ pending: PendingChallenge, _ fields: SignInFields) async -> ProviderOutcome {
        guard pending.challenge.kind == "otp", let phone = pending.continuation["phone"] else { return .notSupported }
        return await session(
            .post("signin-code").asking("code", fields["code"] ?? "").asking("phone", phone.reveal()))
    }

    func signUp(_ fields: SignInFields) async -> ProviderOutcome {
        let password = fields.json("password")
        let data = fields.object("userData")
        switch address(fields) {
        case .success(.email(let email)):
            return await session(
                .post(
                    "signup-email",
                    [
                        "email": .string(email), "password": password, "userData": data,
                        "redirectURL": fields.json("redirectURL"),
                        // The link in the confirmation mail begins with it.
                        "baseURL": .string(channel.upstream.baseURL),
                    ]), mayNeedConfirmation: true)
        case .success(.phone(let phone)):
            guard fields.json("redirectURL") == nil else {
                return .invalidField(path: "redirectURL", expected: "no redirectURL beside phone: no mail is sent")
            }
            return await session(
                .post("signup-phone", ["phone": .string(phone), "password": password, "userData": data]),
                mayNeedConfirmation: true)
        case .failure(let refusal): return refusal.outcome
        }
    }

    /// `getAuthGrant`: needs no API key, though the official client sends it, and works once.
    func exchange(_ accessToken: Secret) async -> ProviderOutcome {
        var call = AgnostCall(verb: .get, name: "grant").asking("key", accessToken.reveal())
        call.needsKey = false
        return await session(call)
    }

    private func sendCode(to phone: String) async -> ProviderOutcome {
        let answer = await channel.ask(AgnostCall.post("send-code").asking("phone", phone).answeringNothing)
        guard case .success = answer else { return ProviderOutcome(AgnostVerdict.failure(answer)) }
        return .challenge(
            PendingChallenge(
                challenge: Challenge(
                    // Agnost does not say when a code ends.
                    id: newIdentifier(), kind: "otp", expiresAt: nil,
                    details: ["sentTo": .string(MaskedAddress.phone(phone))]),
                continuation: ["phone": phone].compactMapValues { Secret($0) }))
    }

    /// The outcome of a call that answers with a user and a session.
    private func session(_ call: AgnostCall, mayNeedConfirmation: Bool = false) async -> ProviderOutcome {
        let answer = await channel.ask(call)
        guard case .success(let json) = answer else { return ProviderOutcome(AgnostVerdict.failure(answer)) }
        if let session = AgnostPayload.session(json?["session"]) {
            var objects: [String: JSONValue?] = ["session": session.value]
            if let user = AgnostPayload.newUser(json?["user"], of: session.token) { objects["user"] = user }
            return .confirmed(.agnost(session.token, objects))
        }
        if mayNeedConfirmation, json?["session"] ?? .null == .null, json?["user"]?.objectValue != nil {
            return .confirmationNeeded
        }
        return .unreachable()
    }

    private struct Refusal: Error {
        var path: String
        var expected: String
        var outcome: ProviderOutcome { .invalidField(path: path, expected: expected) }
    }

    /// Exactly one of `email` and `phone`; an empty one counts as not given.
    private func address(_ fields: SignInFields) -> Result<Address, Refusal> {
        let email = fields["email"].flatMap { $0.isEmpty ? nil : $0 }
        let phone = fields["phone"].flatMap { $0.isEmpty ? nil : $0 }
        switch (email, phone) {
        case (let email?, nil): return .success(.email(email))
        case (nil, let phone?): return .success(.phone(phone))
        case (_?, _?): return .failure(Refusal(path: "phone", expected: "no phone beside email"))
        case (nil, nil): return .failure(Refusal(path: "email", expected: "email or phone"))
        }
    }
}

extension Confirmation {
    /// A session as Agnost's answer has named it: without an end, and without a begin. `creationDtm` is the server's time,
    /// and whether a session is young enough to be asked about twice goes by the keeper's own.
    static func agnost(_ token: Secret, _ objects: [String: JSONValue?]) -> Confirmation {
        var confirmation = Confirmation(objects: objects, tokens: TokenSet(sessionToken: token), expiry: .never)
        confirmation.sessionID = AgnostPayload.id(of: token)
        return confirmation
    }
}
