import SessionCore
import SessionProtocol

/// A forgotten password: a token is mailed, a new password is set with it, and then that signs in.
struct PasswordReset: Sendable {
    let signIn: BackstackSignIn

    private var channel: BackstackChannel { signIn.channel }

    func begin(email: String, as credential: BackstackCredential) async -> ProviderOutcome {
        let answer = await channel.ask(.post("/app/forgot-password", ["email": email]), as: credential)
        guard case .reply = answer.content else {
            return signIn.verdict.failure(of: answer) { refusal in
                if refusal.isOfUser { return .rejected(reason: "user_not_found", status: refusal.status) }
                return BackstackVerdict.ofApp(refusal)
            }.parted.outcome
        }
        var continuation: [String: Secret] = [:]
        continuation["jwt"] = answer.jwt ?? credential.jwt
        return .challenge(
            PendingChallenge(
                challenge: Challenge(
                    id: newIdentifier(), kind: "passwordReset", expiresAt: nil,
                    details: ["sentTo": .string(MaskedAddress.email(email))]),
                continuation: continuation))
    }

    /// With the jwt that the next answer to the challenge needs as news.
    func answer(
        _ pending: PendingChallenge, _ fields: SignInFields, as credential: BackstackCredential
    ) async -> ProviderOutcome {
        let password = fields["password"] ?? ""
        if let username = pending.continuation["username"]?.reveal() {
            return await signIn.logIn(username, password, as: credential)
        }
        guard let token = fields["token"], !token.isEmpty else {
            return .invalidField(path: "token", expected: "the token from the mail")
        }
        let answer = await channel.ask(
            .post("/app/reset-password", ["token": token, "password": password, "confirm": password]), as: credential)
        guard case .reply(let payload) = answer.content else {
            return signIn.verdict.failure(of: answer, refused: Self.outcome(of:))
        }
        // The password is changed and the token spent, whatever comes of signing in.
        guard let username = payload.text("username") else { return .rejected(reason: Self.signInAnew) }
        let newest = answer.jwt.map(BackstackCredential.jwt) ?? credential
        let outcome = await signIn.logIn(username, password, as: newest)
        let (news, plain) = outcome.parted
        switch plain {
        case .rejected(_, let status): return .rejected(reason: Self.signInAnew, status: status)
        case .unreachable, .throttled, .misconfigured:
            return .challenge(pending.reset(for: username, jwt: news?.tokens?.sessionToken ?? newest.jwt))
        default: return outcome
        }
    }

    /// The new password is set, and signing in with it is up to the person.
    private static let signInAnew = "sign_in_required"

    private static func outcome(of refusal: BackstackRefusal) -> ProviderOutcome {
        if refusal.status == 404 || refusal.fields.contains("token") {
            return .rejected(reason: "invalid_token", status: refusal.status)
        }
        if refusal.isOfUser { return .rejected(reason: "password_refused", status: refusal.status) }
        return BackstackSignIn.ofLaterStep(refusal)
    }
}

extension PendingChallenge {
    /// The same challenge once the password is set: its answer signs in, and nothing else.
    fileprivate func reset(for username: String, jwt: Secret?) -> PendingChallenge {
        var next = self
        next.continuation["username"] = Secret(username)
        next.continuation["jwt"] = jwt ?? continuation["jwt"]
        var details = challenge.details
        details["passwordChanged"] = true
        next.challenge = Challenge(
            id: challenge.id, kind: challenge.kind, expiresAt: challenge.expiresAt, details: details)
        return next
    }
}
