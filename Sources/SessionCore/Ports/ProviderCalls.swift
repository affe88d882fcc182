package import SessionProtocol

/// What the keeper hands a provider of the session it holds.
package struct ProviderSession: Sendable, Hashable {
    package var tokens: TokenSet
    /// The provider's id of the session, where it has told one.
    package var sessionID: String?
    /// The objects held at present.
    package var objects: [String: JSONValue]
    package var expiresAt: Int64?

    package init(
        tokens: TokenSet, sessionID: String? = nil, objects: [String: JSONValue] = [:], expiresAt: Int64? = nil
    ) {
        self.tokens = tokens
        self.sessionID = sessionID
        self.objects = objects
        self.expiresAt = expiresAt
    }
}

/// What somebody typed or an app sent to sign in. Holds passwords and codes, so it does not print its values.
package struct SignInFields: Sendable, CustomStringConvertible, CustomReflectable {
    private let values: [String: JSONValue]

    package init(_ values: [String: String]) { self.values = values.mapValues(JSONValue.string) }
    package init(values: [String: JSONValue]) { self.values = values }

    /// A field that is a text; nil where it was not given.
    package subscript(name: String) -> String? { values[name]?.stringValue }
    /// A field that is an object; nil where it was not given.
    package func object(_ name: String) -> JSONValue? {
        values[name].flatMap { $0.objectValue == nil ? nil : $0 }
    }
    package var names: [String] { values.keys.sorted() }
    package var description: String { "\(names)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// A change that the provider carries out. A nil duration means the profile's own.
package enum SessionChange: Sendable {
    case signIn(method: String, SignInFields, durationMinutes: Int)
    case answer(PendingChallenge, SignInFields, durationMinutes: Int)
    case signUp(method: String, SignInFields, durationMinutes: Int)
    case exchange(accessToken: Secret, durationMinutes: Int)
    case exchangeOrganization(id: String, durationMinutes: Int)
    /// Moves the session's end to that many minutes from now.
    case extend(minutes: Int)
    case lock
    case unlock(password: Secret)
    case switchAccount(id: String)
}

/// A challenge with what the provider needs to go on. Only `challenge` is ever shown.
package struct PendingChallenge: Sendable, Hashable {
    package var challenge: Challenge
    /// Intermediate tokens, method ids, verifiers. Sealed on disk, never shown.
    package var continuation: [String: Secret]

    package init(challenge: Challenge, continuation: [String: Secret] = [:]) {
        self.challenge = challenge
        self.continuation = continuation
    }
}

/// What came of a provider call, named by what the keeper must do.
package indirect enum ProviderOutcome: Sendable {
    /// The answer says something of the session beside that. What is inside brings no more.
    case bringing(SessionNews, ProviderOutcome)
    /// The provider vouches for the session as described.
    case confirmed(Confirmation)
    /// The provider says that this very session is gone.
    case ended(EndReason)
    /// No usable answer. `retryAfterMs` is the provider's wish.
    case unreachable(retryAfterMs: Int64? = nil)
    /// The provider wants fewer requests.
    case throttled(retryAfterMs: Int64? = nil)
    /// An administrator must mend something; the session lives.
    case misconfigured(reason: String)
    /// This request was refused; the session lives.
    case rejected(reason: String, status: Int? = nil)
    /// The sign-in needs one more step.
    case challenge(PendingChallenge)
    /// The account was made and must be confirmed elsewhere before it can sign in.
    case confirmationNeeded
    /// Ask once more before believing it.
    case needsRecheck
    /// The change needs a session, and none is held. Nothing was sent.
    case sessionRequired
    /// A field is missing or malformed. Nothing was sent.
    case invalidField(path: String, expected: String)
    /// The service has no such operation.
    case notSupported
}

/// Why a provider says that a session is gone.
package enum EndReason: Sendable, Hashable {
    case endedElsewhere
    case expired
}

/// A session that the provider vouches for.
package struct Confirmation: Sendable {
    /// Objects that the answer brought: replaced together. A nil value means that the session has no such object;
    /// a name that is missing leaves that object and its age alone. An object that the traits do not name is kept and
    /// handed in again, but never shown.
    package var objects: [String: JSONValue?]
    /// Replaces the tokens where the answer brought any.
    package var tokens: TokenSet?
    package var expiry: Expiry = .unchanged
    package var sessionID: String?
    /// When the provider says that the session began, in Unix milliseconds.
    package var startedAt: Int64?
    /// Whether the screen is locked.
    package var isLocked = false
    /// Whether this is the session that was held before, with another factor; otherwise a sign-in makes a new one.
    package var isStepUp = false

    /// When the session ends.
    package enum Expiry: Sendable, Hashable {
        case unchanged
        case never
        /// Unix milliseconds.
        case at(Int64)
    }

    package init(objects: [String: JSONValue?], tokens: TokenSet? = nil, expiry: Expiry = .unchanged) {
        self.objects = objects
        self.tokens = tokens
        self.expiry = expiry
    }
}

/// Which sessions a revocation ends.
package enum RevocationTarget: Sendable, Hashable {
    case current
    case others
    case all
    case session(id: String)
}

/// What came of a revocation.
package indirect enum RevocationOutcome: Sendable, Hashable {
    /// The answer says something of the session beside that. What is inside brings no more.
    case bringing(SessionNews, RevocationOutcome)
    /// The service has ended the sessions, or they were gone before.
    case confirmed
    /// The service does not know the session in whose name it was asked. What that means is the keeper's business: a
    /// young session is asked about once more, and the own one has then ended.
    case gone
    case unreachable(retryAfterMs: Int64? = nil)
    case misconfigured(reason: String)
    /// Of several sessions some are refused for good. All others are ended but the own one, so that it can try again.
    case partly
    /// Refused for good: asking again would change nothing.
    case rejected(reason: String, status: Int? = nil)
    case notSupported
}

/// What came of a question.
package indirect enum QueryOutcome<Answer: Sendable>: Sendable {
    /// The answer says something of the session beside that. What is inside brings no more.
    case bringing(SessionNews, QueryOutcome)
    case answer(Answer)
    case ended(EndReason)
    case unreachable(retryAfterMs: Int64? = nil)
    case misconfigured(reason: String)
    case rejected(reason: String, status: Int? = nil)
    case notSupported
}

/// One of the user's sessions, tokens removed.
package struct ListedSession: Sendable, Hashable {
    package var id: String
    package var isCurrent: Bool
    package var createdAt: Int64?
    package var userAgent: String?
    package var value: JSONValue

    package init(id: String, isCurrent: Bool, createdAt: Int64?, userAgent: String?, value: JSONValue) {
        self.id = id
        self.isCurrent = isCurrent
        self.createdAt = createdAt
        self.userAgent = userAgent
        self.value = value
    }
}

/// The accounts that a user can switch between.
package struct AccountList: Sendable, Hashable {
    package struct Account: Sendable, Hashable {
        package var id: String
        package var title: String

        package init(id: String, title: String) {
            self.id = id
            self.title = title
        }
    }

    package var accounts: [Account]
    package var current: String?

    package init(accounts: [Account], current: String?) {
        self.accounts = accounts
        self.current = current
    }
}

/// What `access.check` asks for.
package enum AccessQuestion: Sendable, Hashable {
    /// A requirement in the provider's grammar, such as `reports:r`.
    case requirement(String)
    case action(String, resource: String)
}

/// The service's word that sessions may have changed: validate at once.
package struct ProviderHint: Sendable, Hashable {
    /// The provider's ids of the sessions that are concerned.
    package var sessionIDs: Set<String>

    package init(sessionIDs: Set<String>) { self.sessionIDs = sessionIDs }
}
