import FakeServices
import SessionCore
import SessionProtocol
import SessionTesting

/// What a client does, whatever the service.
extension ProviderStage {
    @discardableResult
    func signIn(_ method: String, _ fields: [String: String], minutes: Int? = nil) async throws -> SignInResult {
        try await keeper.signIn(method: method, fields: SignInFields(fields), durationMinutes: minutes, expect: nil)
    }

    /// Answers the challenge that is open.
    @discardableResult
    func answer(_ fields: [String: String], minutes: Int? = nil) async throws -> SignInResult {
        try await keeper.answer(
            challenge: snapshot.challenge?.id ?? "", fields: SignInFields(fields), durationMinutes: minutes,
            expect: nil)
    }

    /// Lets the session grow older than those that are asked for twice, and what was asked be forgotten.
    func settleDown() {
        clock.advance(byMs: 31_000)
        fake.forgetCalls()
    }

    /// Asks the service now. What goes wrong shows in the snapshot.
    @discardableResult
    func validate() async -> Snapshot {
        do { return try await keeper.authenticate(durationMinutes: nil, expect: nil).snapshot } catch {
            return snapshot
        }
    }

    @discardableResult
    func revoke(_ target: RevocationTarget, force: Bool = false) async throws -> RevocationResult {
        try await keeper.revoke(target, force: force, expect: nil)
    }

    /// The value of an object that is available.
    func object(_ name: String) -> JSONValue? { snapshot.objects[name]?.value }
}
