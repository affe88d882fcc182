package import SessionProtocol

/// An adapter to an auth service.
///
/// A provider keeps nothing between calls that the keeper could not hand in again: the keeper owns the session, the
/// provider asks about it. Calls are bounded by the keeper's deadline and cancelled when it passes; what a call
/// answers after that is dropped. No call throws: every failure is an outcome that says what the keeper must do.
package protocol SessionProvider: Sendable {
    /// What this provider is and can do. Constant over its life.
    var traits: ProviderTraits { get }

    /// Asks whether the session lives. Never extends it. A challenge means that no session is there yet.
    func validate(_ session: ProviderSession) async -> ProviderOutcome

    /// Carries out a change; `session` is the one held at present, if any.
    func change(_ change: SessionChange, session: ProviderSession?) async -> ProviderOutcome

    /// Ends sessions at the service. Ending one that is already gone is `gone` or `confirmed`.
    func revoke(_ target: RevocationTarget, session: ProviderSession) async -> RevocationOutcome

    /// The credentials of a session that a client brought from elsewhere, with what they say of themselves.
    func tokens(of handedIn: HandedInSession) -> TokenSet

    /// The id by which a session of these tokens is listed, where the tokens alone say it.
    func sessionID(of tokens: TokenSet) -> String?

    /// The user's sessions.
    func listSessions(_ session: ProviderSession) async -> QueryOutcome<[ListedSession]>

    /// The user object, read from the service now.
    func fetchUser(_ session: ProviderSession) async -> QueryOutcome<JSONValue>

    /// The accounts that the user can switch to, and the current one's id.
    func listAccounts(_ session: ProviderSession) async -> QueryOutcome<AccountList>

    /// What a request to the service's API must carry; nil where that would hand out more than the session.
    func headers(for session: ProviderSession) -> [String: Secret]?

    /// Whether the objects at hand grant what is asked for: those that clients see, and those kept for the provider
    /// alone. Objects are empty while signed out.
    func allows(_ question: AccessQuestion, objects: [String: JSONValue]) -> Bool

    /// The alerts that the user may see, most urgent first.
    func alerts(objects: [String: JSONValue]) -> [JSONValue]

    /// Where a person can sign in, if the service has such a page.
    var signInURL: String? { get }

    /// The service's word that sessions have changed, as it arrives; nil where the service never calls.
    var hints: AsyncStream<ProviderHint>? { get }
}

extension SessionProvider {
    package func sessionID(of tokens: TokenSet) -> String? { nil }
    package func tokens(of handedIn: HandedInSession) -> TokenSet {
        TokenSet(sessionToken: handedIn.sessionToken, sessionJwt: handedIn.sessionJwt)
    }
    package func listSessions(_ session: ProviderSession) async -> QueryOutcome<[ListedSession]> { .notSupported }
    package func fetchUser(_ session: ProviderSession) async -> QueryOutcome<JSONValue> { .notSupported }
    package func listAccounts(_ session: ProviderSession) async -> QueryOutcome<AccountList> { .notSupported }
    package func headers(for session: ProviderSession) -> [String: Secret]? { nil }
    package func allows(_ question: AccessQuestion, objects: [String: JSONValue]) -> Bool { false }
    package func alerts(objects: [String: JSONValue]) -> [JSONValue] { [] }
    package var signInURL: String? { nil }
    package var hints: AsyncStream<ProviderHint>? { nil }
}

/// What a provider is and can do.
package struct ProviderTraits: Sendable {
    /// `embedded`, `stytch` and so on.
    package var name: String
    /// The objects that every snapshot of this provider has.
    package var objects: [String]
    /// Objects that are not the session's but the service's: they stay available when the session ends.
    package var lastingObjects: Set<String> = []
    /// Members whose change alone is bookkeeping, by object.
    package var bookkeepingMembers: [String: Set<String>] = [:]
    /// The sign-in methods and the fields that each takes.
    package var signInMethods: [String: FieldSet] = [:]
    /// The sign-up methods and the fields that each takes.
    package var signUpMethods: [String: FieldSet] = [:]
    /// The challenge kinds and the fields that answer each.
    package var challengeAnswers: [String: FieldSet] = [:]
    /// The wire methods beyond signing in that the service can do.
    package var operations: Set<ProviderOperation>
    /// Whether a call may replace the credentials that another call in flight is using.
    package var rotatesCredentials = false
    /// Whether `ended` about a session younger than 30 seconds is asked for once more before it is believed.
    package var rechecksYoungSessions = true
    /// How long a session lasts where neither the caller nor the configuration says.
    package var defaultDurationMinutes: Int = 60
    /// Members of objects that a revocation needs: a queued one keeps these and nothing else of a person's data.
    package var revocationMembers: [String: Set<String>] = [:]
    /// The longest `minValidMs` that makes sense, nil where there is no bound.
    package var maximumTokenValidityMs: Int64?

    package init(name: String, objects: [String], operations: Set<ProviderOperation>) {
        self.name = name
        self.objects = objects
        self.operations = operations
    }
}

/// The fields of a sign-in step.
package struct FieldSet: Sendable, Hashable {
    /// Strings with something in them.
    package var required: Set<String>
    /// Strings.
    package var optional: Set<String>
    /// Optional fields that are objects.
    package var objects: Set<String>

    package init(required: Set<String>, optional: Set<String> = [], objects: Set<String> = []) {
        self.required = required
        self.optional = optional
        self.objects = objects
    }
}

/// What a service may or may not be able to do; without it the wire method answers `notSupported`.
package enum ProviderOperation: Sendable, Hashable {
    case signUp, exchangeAccessToken, exchangeOrganization, extend, listSessions
    case revokeOthers, revokeAll, revokeByID
    case lock, accounts, fetchUser, updateUser, headers, accessCheck, alerts, update
}
