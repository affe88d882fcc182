package import Logging
package import SessionCore
package import SessionProtocol

/// A keeper with everything around it scripted.
package final class KeeperHarness: Sendable {
    package let provider: ScriptedProvider
    private let profile: KeptProfile
    package var clock: ManualClock { profile.clock }
    package var vault: MemoryVault { profile.vault }
    package var keeper: SessionKeeper { profile.keeper }

    package init(
        clock: ManualClock = ManualClock(), provider: ScriptedProvider = ScriptedProvider(),
        vault: MemoryVault = MemoryVault(), instance: String = "i1",
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        configure: (inout ProfileSettings) -> Void = { _ in }
    ) {
        self.provider = provider
        profile = KeptProfile(
            provider: provider, clock: clock, vault: vault, instance: instance, logger: logger, configure: configure)
    }

    /// Started and, unless a record says otherwise, signed out.
    package static func started(
        clock: ManualClock = ManualClock(), provider: ScriptedProvider = ScriptedProvider(),
        vault: MemoryVault = MemoryVault(), instance: String = "i1",
        configure: (inout ProfileSettings) -> Void = { _ in }
    ) async -> KeeperHarness {
        let harness = KeeperHarness(
            clock: clock, provider: provider, vault: vault, instance: instance, configure: configure)
        await harness.keeper.start()
        return harness
    }

    package var snapshot: Snapshot { profile.snapshot }

    /// Returns the published state once one fits. Looks again after every publication and every save.
    @discardableResult
    package func until(_ condition: @escaping @Sendable (Publication) -> Bool) async -> Publication {
        await profile.until(condition)
    }

    /// Returns once the keeper has heard a validation's answer at this time. Answers that a test gives one after the other
    /// may come in either order.
    package func validationIsHeard() async {
        while keeper.vitals.checkedAt != clock.now().boot, !Task.isCancelled { await Task.yield() }
    }

    /// Signs in with a confirmation of ours.
    @discardableResult
    package func signIn(token: String = "t1", expiresInMs: Int64? = 3_600_000) async throws -> Snapshot {
        async let result = keeper.signIn(
            method: "password", fields: SignInFields(["username": "ada", "password": "correct horse"]),
            durationMinutes: nil, expect: nil)
        await provider.nextCall().answer(
            .confirmed(.of(token, expiresAt: expiresInMs.map { clock.now().wall + $0 })))
        return try await result.publication.snapshot
    }
}

extension Confirmation {
    /// A session whose objects tell its token's name.
    package static func of(
        _ token: String, expiresAt: Int64?, user: String = "ada", jwtExpiresAt: Int64? = nil, startedAt: Int64? = nil
    ) -> Confirmation {
        var confirmation = Confirmation(
            objects: ["session": ["id": .string("id-\(token)")], "user": ["name": .string(user)]],
            tokens: TokenSet(
                sessionToken: Secret(token), sessionJwt: jwtExpiresAt.flatMap { Secret("jwt-\(token)-\($0)") },
                jwtExpiresAt: jwtExpiresAt),
            expiry: expiresAt.map { .at($0) } ?? .never)
        confirmation.sessionID = "id-\(token)"
        confirmation.startedAt = startedAt
        return confirmation
    }
}
