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
        "passwordReset": FieldSet(required: ["token", "password"]),
    ]

    func begin(_ method: String, _ fields: SignInFields) async -> ProviderOutcome {
        guard Self.methods[method] != nil else { return .notSupported }
        let answer = await channel.session(.session, as: .appKey)
        guard case .reply(let reply) = answer else {
            return verdict.failure(of: answer, refused: BackstackVerdict.ofApp)
        }
        let credential = reply.jwt.map(BackstackCredential.jwt) ?? .appKey
        if method == "passwordReset" {
            return await PasswordReset(signIn: self).begin(email: fields["email"] ?? "", as: credential)
        }
        return await logIn(fields["username"] ?? "", fields["password"] ?? "", as: credential)
    }

    func answer(_ pending: PendingChallenge, _ fields: SignInFields) async -> ProviderOutcome {
        let credential = pending.continuation["jwt"].map(BackstackCredential.jwt) ?? .appKey
        switch pending.challenge.kind {
        case "account": return await choose(fields["accountId"] ?? "", as: credential)
        case "passwordReset": return await PasswordReset(signIn: self).answer(pending, fields, as: credential)
        default: return .notSupported
        }
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
        return await verdict.outcome(of: answer, whenSignedOut: .rejected(reason: Self.lapsed)) { refusal in
            if refusal.isOfUser { return .rejected(reason: "account_not_found", status: refusal.status) }
            return Self.ofLaterStep(refusal)
        }
    }

    /// The sign-in that was begun is no longer known: it must begin anew.
    static let lapsed = "sign_in_lapsed"

    static func ofLaterStep(_ refusal: BackstackRefusal) -> ProviderOutcome {
        let isLapsed = refusal.status == 401 || refusal.status == 403
        return .rejected(reason: isLapsed ? lapsed : refusal.reason, status: refusal.status)
    }
}
