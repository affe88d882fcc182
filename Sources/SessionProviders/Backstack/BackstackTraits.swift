import SessionCore

extension ProviderTraits {
    static var backstack: ProviderTraits {
        var traits = ProviderTraits(
            name: "backstack", objects: ["session", "app", "account", "user", "access", "alerts"],
            operations: [.lock, .accounts, .updateUser, .headers, .accessCheck, .alerts, .update])
        traits.lastingObjects = ["app"]
        traits.signInMethods = BackstackSignIn.methods
        traits.challengeAnswers = BackstackSignIn.answers
        traits.rotatesCredentials = true
        return traits
    }
}
