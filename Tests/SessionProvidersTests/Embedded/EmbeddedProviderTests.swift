import SessionCore
import SessionProtocol
import SessionProviders
import Testing

@Suite("The embedded provider's traits")
struct EmbeddedProviderTests {
    let provider = AuthorityFixture().provider

    @Test("what the provider is and can do is what the protocol says")
    func traits() {
        let traits = provider.traits
        #expect(traits.name == "embedded")
        #expect(traits.objects == ["session", "user", "access"])
        #expect(traits.bookkeepingMembers == ["session": ["lastSeenAt"]])
        #expect(traits.signInMethods == ["password": FieldSet(required: ["username", "password"])])
        #expect(
            traits.signUpMethods == ["password": FieldSet(required: ["username", "password"], optional: ["name"])])
        #expect(traits.challengeAnswers.isEmpty)
        #expect(!traits.rechecksYoungSessions && !traits.rotatesCredentials)
        #expect(traits.defaultDurationMinutes == 60)
        #expect(traits.maximumTokenValidityMs == 300_000)
        #expect(traits.operations.isDisjoint(with: [.alerts, .lock, .accounts, .exchangeOrganization]))
    }

    @Test("what it cannot do is not supported, without asking the database")
    func notSupported() async {
        let changes: [SessionChange] = [
            .exchangeOrganization(id: "o", durationMinutes: 60), .lock, .switchAccount(id: "a"),
        ]
        for change in changes {
            #expect(await provider.change(change, session: nil).summary == "notSupported")
        }
        guard case .notSupported = await provider.listAccounts(ProviderSession(tokens: TokenSet())) else {
            Issue.record("accounts were listed")
            return
        }
        #expect(provider.alerts(objects: [:]).isEmpty)
        #expect(provider.signInURL == nil)
    }

    @Test("signed out, only * is granted")
    func signedOut() {
        #expect(provider.allows(.requirement("*"), objects: [:]))
        #expect(!provider.allows(.requirement("reports"), objects: [:]))
        #expect(!provider.allows(.action("r", resource: "reports"), objects: [:]))
    }
}
