import Logging
import SessionCore
import SessionProtocol
import SessionTesting

/// An auth service behind its adapter, and what the contract does to it.
struct ContractService: Sendable {
    /// Something that keeps the service from answering, and must not end a session.
    struct Outage: Sendable {
        var name: String
        var begin: @Sendable () throws -> Void
        var end: @Sendable () throws -> Void
    }

    let provider: GatedProvider
    let clock: ManualClock
    let log: RecordedLog
    let password: String
    /// The sign-in that makes a session.
    let method: String
    let fields: [String: String]
    /// Ends, at the service, the session that these tokens belong to.
    let endAtService: @Sendable (ProviderSession) async throws -> Void
    let outages: [Outage]

    init(
        provider: any SessionProvider, clock: ManualClock, log: RecordedLog, password: String,
        fields: [String: String], outages: [Outage],
        endAtService: @escaping @Sendable (ProviderSession) async throws -> Void
    ) {
        self.provider = GatedProvider(provider)
        self.clock = clock
        self.log = log
        self.password = password
        self.method = "password"
        self.fields = fields
        self.outages = outages
        self.endAtService = endAtService
    }

    /// A keeper of it, started.
    func profile(vault: MemoryVault = MemoryVault(), instance: String = "i1") async -> KeptProfile {
        let profile = KeptProfile(
            provider: provider, clock: clock, vault: vault, instance: instance, logger: log.logger)
        await profile.keeper.start()
        return profile
    }

    /// Where answers replace credentials, a change waits for the question before it: until that has had its time.
    func giveUpWaiting(_ profile: KeptProfile) {
        if provider.traits.rotatesCredentials { clock.advance(byMs: profile.keeper.callTimeoutMs) }
    }

    /// Signs in for an hour, and lets the session grow older than those that are asked for twice.
    func signIn(_ profile: KeptProfile) async throws -> ProviderSession {
        _ = try await profile.keeper.signIn(
            method: method, fields: SignInFields(fields),
            durationMinutes: provider.traits.operations.contains(.extend) ? 60 : nil, expect: nil)
        clock.advance(byMs: 31_000)
        guard let session = profile.keeper.publication.session else { throw KeeperError.notSignedIn(.signedOut) }
        return session
    }
}

// A failed expectation shows its values with all that they hold: here that would be a whole transport.
extension ContractService: CustomReflectable {
    var customMirror: Mirror { Mirror(self, children: []) }
}
