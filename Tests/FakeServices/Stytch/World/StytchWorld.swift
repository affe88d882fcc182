import SessionProtocol

/// Everything that the service remembers.
struct StytchWorld {
    struct Grant {
        var kind: FakeStytchGrantKind
        var ownerID: String
    }

    /// A sign-in that is not finished.
    struct Intermediate {
        /// nil in discovery.
        var memberID: String?
        var email: String
        var factors: [StytchFactor]
        /// Unix ms.
        var expiresAt: Int64
    }

    static let intermediateLifetime: Int64 = 10 * 60_000
    static let codeLifetime: Int64 = 10 * 60_000

    var ids: FakeIDs
    var keys = StytchSigningKeys()
    /// Users or members by id.
    var people: [String: StytchPerson] = [:]
    var organizations: [String: StytchOrganization] = [:]
    /// By id. The expired stay, the revoked do not.
    var sessions: [String: StytchSession] = [:]
    /// Session ids by session token.
    var tokens: [String: String] = [:]
    var intermediates: [String: Intermediate] = [:]
    var grants: [String: Grant] = [:]
    var codes: [FakeStytchCode] = []
    var links: [FakeStytchLink] = []

    init(seed: UInt32) {
        ids = FakeIDs(seed: seed)
    }

    func user(email: String) -> StytchPerson? {
        people.values.first { $0.entry("emails", "email", email) != nil }
    }

    func user(phone: String) -> StytchPerson? {
        people.values.first { $0.entry("phone_numbers", "phone_number", phone) != nil }
    }

    func member(email: String, in organizationID: String) -> StytchPerson? {
        people.values.first { $0.organizationID == organizationID && $0.memberEmail == email }
    }

    func organization(_ name: String) -> StytchOrganization? {
        organizations.values.first { $0.answers(to: name) }
    }

    func sessions(of ownerID: String) -> [StytchSession] {
        sessions.values.filter { $0.ownerID == ownerID }.sorted { $0.id < $1.id }
    }

    mutating func open(owner: String, factors: [StytchFactor], minutes: Int64, call: StytchCall) -> StytchSession {
        let isMember = people[owner]?.fields["member_id"] != nil
        let session = StytchSession(
            id: ids.id(isMember ? "member-session" : "session"), ownerID: owner, token: ids.token(), factors: factors,
            startedAt: call.now, lastAccessedAt: call.now, expiresAt: call.now + minutes * 60_000,
            userAgent: call.userAgent)
        keep(session)
        return session
    }

    mutating func keep(_ session: StytchSession) {
        sessions[session.id] = session
        tokens[session.token] = session.id
    }

    mutating func revoke(_ sessionID: String) {
        sessions[sessionID] = nil
        for (token, id) in tokens where id == sessionID { tokens[token] = nil }
    }

    mutating func rotate(_ session: inout StytchSession, keepingOld: Bool) {
        if !keepingOld { tokens[session.token] = nil }
        session.token = ids.token()
        session.rotatesNext = false
        keep(session)
    }
}
