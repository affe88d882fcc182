import SessionCore

extension ProviderTraits {
    static var backstack: ProviderTraits {
        var traits = ProviderTraits(
            name: "backstack", objects: ["session", "app", "account", "user", "access", "alerts"],
            operations: [.signUp, .lock, .accounts, .fetchUser, .updateUser, .headers, .accessCheck, .alerts, .update])
        traits.lastingObjects = ["app"]
        traits.signInMethods = BackstackSignIn.methods
        traits.signUpMethods = BackstackSignUp.methods
        traits.challengeAnswers = BackstackSignIn.answers
        traits.rotatesCredentials = true
        return traits
    }
}
