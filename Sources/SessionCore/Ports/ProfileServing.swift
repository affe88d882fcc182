package import SessionProtocol

/// A profile as the server sees it: published state to read without waiting, and the changes that it can ask for.
///
/// Every change is carried out to its end once it has started, whether or not its caller still waits: deadlines and
/// cancellation are the caller's own business.
package protocol ProfileServing: AnyObject, Sendable {
    var profile: String { get }
    var traits: ProviderTraits { get }
    /// The newest published state.
    var publication: Publication { get }

    /// Applies what time alone has changed, and answers with the state after it.
    func settle() async -> Publication

    func signIn(method: String, fields: SignInFields, durationMinutes: Int?, expect: Expectation?)
        async throws(KeeperError) -> SignInResult
    func signUp(method: String, fields: SignInFields, durationMinutes: Int?, expect: Expectation?)
        async throws(KeeperError) -> SignInResult
    func answer(challenge: String, fields: SignInFields, durationMinutes: Int?, expect: Expectation?)
        async throws(KeeperError) -> SignInResult
    func exchange(accessToken: Secret, durationMinutes: Int?, expect: Expectation?)
        async throws(KeeperError) -> SignInResult
    func exchange(organizationID: String, durationMinutes: Int?, expect: Expectation?)
        async throws(KeeperError) -> SignInResult

    /// Validates, or with a duration also extends the session to that many minutes from now.
    func authenticate(durationMinutes: Int?, expect: Expectation?) async throws(KeeperError) -> Publication
    func update(_ handedIn: HandedInSession, expect: Expectation?) async throws(KeeperError) -> Publication
    func revoke(_ target: RevocationTarget, force: Bool, expect: Expectation?)
        async throws(KeeperError) -> RevocationResult
    func invalidate(expect: Expectation?) async throws(KeeperError) -> Publication
    func clearLocal(expect: Expectation?) async throws(KeeperError) -> Publication
    func lock(expect: Expectation?) async throws(KeeperError) -> Publication
    func unlock(password: Secret, expect: Expectation?) async throws(KeeperError) -> Publication
    func switchAccount(id: String, expect: Expectation?) async throws(KeeperError) -> Publication
    func updateUser(_ user: JSONValue, expect: Expectation?) async throws(KeeperError) -> Publication

    /// The published state, with a token renewed first where it has less than `minValidMs` left.
    func tokens(minValidMs: Int64) async throws(KeeperError) -> Publication
    func listSessions() async throws(KeeperError) -> [ListedSession]
    func listAccounts() async throws(KeeperError) -> AccountList
    /// Reads the user from the provider, keeps it, and answers with the object as it is then.
    func fetchUser() async throws(KeeperError) -> ObjectInfo

    /// The headers for that state's session; nil where the provider hands none out.
    func headers(of publication: Publication) -> [String: Secret]?
    func allows(_ question: AccessQuestion, in publication: Publication) -> Bool
    func alerts(in publication: Publication) -> [JSONValue]
    var signInURL: String? { get }
}

/// What came of a sign-in step.
package struct SignInResult: Sendable {
    package enum Outcome: String, Sendable { case signedIn, challenge, confirmationNeeded }

    package var outcome: Outcome
    package var publication: Publication

    package init(outcome: Outcome, publication: Publication) {
        self.outcome = outcome
        self.publication = publication
    }
}

/// What came of a revocation.
package struct RevocationResult: Sendable {
    /// The provider has ended what was named.
    package var isConfirmed: Bool
    /// A revocation is queued on disk until the provider has confirmed it.
    package var isPending: Bool
    package var publication: Publication

    package init(isConfirmed: Bool, isPending: Bool, publication: Publication) {
        self.isConfirmed = isConfirmed
        self.isPending = isPending
        self.publication = publication
    }
}

/// A session that a client brings from elsewhere.
package struct HandedInSession: Sendable {
    package var sessionToken: Secret
    package var sessionJwt: Secret?
    package var session: JSONValue?
    package var user: JSONValue?

    package init(sessionToken: Secret, sessionJwt: Secret? = nil, session: JSONValue? = nil, user: JSONValue? = nil) {
        self.sessionToken = sessionToken
        self.sessionJwt = sessionJwt
        self.session = session
        self.user = user
    }
}
