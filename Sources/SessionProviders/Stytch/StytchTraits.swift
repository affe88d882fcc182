import SessionCore

extension ProviderTraits {
    static func stytch(_ project: StytchProject) -> ProviderTraits {
        var traits =
            switch project.product {
            case .consumer: consumer
            case .b2b: b2b
            }
        if project.isServer {
            traits.operations.formUnion([.listSessions, .revokeOthers, .revokeAll, .revokeByID])
            traits.operations.remove(.headers)
        }
        traits.bookkeepingMembers = ["session": ["last_accessed_at"]]
        // What Stytch's own SDKs ask for where an app does not say.
        traits.defaultDurationMinutes = 5
        traits.maximumTokenValidityMs = StytchJWT.lifetimeMs
        return traits
    }

    private static var consumer: ProviderTraits {
        var traits = ProviderTraits(
            name: "stytch", objects: ["session", "user"],
            operations: [
                .signUp, .exchangeAccessToken, .extend, .fetchUser, .updateUser, .headers, .accessCheck, .update,
            ])
        traits.signInMethods = ConsumerSignIn.methods
        traits.signUpMethods = ["password": FieldSet(required: ["email", "password"])]
        traits.challengeAnswers = ConsumerSignIn.answers
        traits.revocationMembers = ["session": ["user_id", "session_id"]]
        return traits
    }

    private static var b2b: ProviderTraits {
        var traits = ProviderTraits(
            name: "stytch-b2b", objects: ["session", "member", "organization"],
            operations: [
                .exchangeAccessToken, .exchangeOrganization, .extend, .revokeAll, .headers, .accessCheck, .update,
            ])
        traits.signInMethods = MemberSignIn.methods
        traits.challengeAnswers = MemberSignIn.answers
        traits.revocationMembers = ["session": ["member_id", "organization_id", "member_session_id"]]
        return traits
    }
}

extension JWTRules {
    /// Stytch names the project as issuer, or the address that the project is reached at under its own domain.
    static func stytch(projectID: String, baseURL: String) -> JWTRules {
        JWTRules(issuers: ["stytch.com/\(projectID)", baseURL], audience: projectID, leewayMs: 60_000)
    }
}
