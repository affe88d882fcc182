import SessionCore
import SessionProtocol

/// Signing in: always from an anonymous session of its own, which the app key begins, so that the session that is held
/// stays as it is until the new one is there.
struct BackstackSignIn: Sendable {
    let channel: BackstackChannel
    let verdict: BackstackVerdict

    static let methods: [String: FieldSet] = [
        "password": FieldSet(required: ["username", "password"]),
        "passwordReset": FieldSet(required: ["email"]),
    ]
    static let answers: [String: FieldSet] = [
        "account": FieldSet(required: ["accountId"]),
        "passwordReset": FieldSet(required: ["password"], optional: ["token"]),
    ]

    func begin(_ method: String, _ fields: SignInFields) async -> ProviderOutcome {
        guard Self.methods[method] != nil else { return .notSupported }
        let answer = await channel.session(.session, as: .appKey)
        guard case .reply = answer.content else {
            return verdict.failure(of: answer, refused: BackstackVerdict.ofApp).parted.outcome
        }
        let credential = answer.jwt.map(BackstackCredential.jwt) ?? .appKey
        if method == "passwordReset" {
            return await PasswordReset(signIn: self).begin(email: fields["email"] ?? "", as: credential)
        }
        // What an answer says of the session is said of the one that this sign-in has begun.
        return await logIn(fields["username"] ?? "", fields["password"] ?? "", as: credential).parted.outcome
    }

    func answer(_ pending: PendingChallenge, _ fields: SignInFields) async -> ProviderOutcome {
        let credential = pending.continuation["jwt"].map(BackstackCredential.jwt) ?? .appKey
        let outcome: ProviderOutcome
        switch pending.challenge.kind {
        case "account": outcome = await choose(fields["accountId"] ?? "", as: credential)
        case "passwordReset": outcome = await PasswordReset(signIn: self).answer(pending, fields, as: credential)
        default: return .notSupported
        }
        let (news, plain) = outcome.parted
        guard let jwt = news?.tokens?.sessionToken else { return plain }
        // The jwt is the sign-in's own, and where the challenge stays open the next answer to it needs it.
        var renewed = pending
        renewed.continuation["jwt"] = jwt
        return plain.bringing(SessionNews(challenge: renewed))
    }

    func logIn(_ username: String, _ password: String, as credential: BackstackCredential) async -> ProviderOutcome {
        let answer = await channel.session(
            .post("/app/login", ["username": username, "password": password]), as: credential)
        return await verdict.outcome(of: answer, whenSignedOut: .rejected(reason: "invalid_credentials")) { refusal in
            if refusal.isOfUser { return .rejected(reason: "invalid_credentials", status: refusal.status) }
            return BackstackVerdict.ofApp(refusal)
        }
    }

    private func choose(_ accountID: String, as credential: BackstackCredential) async -> ProviderOutcome {
        let answer = await channel.session(.post("/app/login-account", ["account_id": accountID]), as: credential)
        let outcome = await verdict.outcome(of: answer, whenSignedOut: .rejected(reason: Self.lapsed)) { refusal in
            if refusal.isOfUser { return .rejected(reason: Self.unknownAccount, status: refusal.status) }
            return Self.ofLaterStep(refusal)
        }
        // Asked to choose once more, nothing was chosen.
        guard case (let news, .challenge) = outcome.parted else { return outcome }
        return ProviderOutcome.rejected(reason: Self.unknownAccount).bringing(news ?? SessionNews())
    }

    private static let unknownAccount = "account_not_found"

    /// The sign-in that was begun is no longer known: it must begin anew.
    static let lapsed = "sign_in_lapsed"

    static func ofLaterStep(_ refusal: BackstackRefusal) -> ProviderOutcome {
        let isLapsed = refusal.status == 401 || refusal.status == 403
        return .rejected(reason: isLapsed ? lapsed : refusal.reason, status: refusal.status)
    }
}
