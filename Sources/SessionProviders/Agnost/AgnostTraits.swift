import SessionCore

extension ProviderTraits {
    static var agnost: ProviderTraits {
        var traits = ProviderTraits(
            name: "agnost", objects: ["session", "user"],
            operations: [
                .signUp, .exchangeAccessToken, .listSessions, .revokeOthers, .revokeAll, .revokeByID, .fetchUser,
                .updateUser, .headers, .update,
            ])
        traits.signInMethods = AgnostSignIn.methods
        traits.signUpMethods = AgnostSignIn.signUpMethods
        traits.challengeAnswers = AgnostSignIn.answers
        // Moves when the user signs in anywhere, which says nothing about this session.
        traits.bookkeepingMembers = ["user": ["lastLoginAt"]]
        // The server writes sessions without waiting for it and may read them from a replica.
        traits.rechecksYoungSessions = true
        return traits
    }
}
