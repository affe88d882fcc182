import SessionCore
import SessionProtocol

/// Signing up: a new account and its first user. Backstack then mails a link to the app's own page, and opening that
/// activates both (backstack-docs, guide/app/signup): only after it can the user sign in.
struct BackstackSignUp: Sendable {
    let channel: BackstackChannel
    let verdict: BackstackVerdict

    /// Our name of each field, and Backstack's.
    private static let names = [
        "username": "username", "password": "password", "email": "email", "name": "name",
        "accountTitle": "account_title", "countryId": "country_id", "domainId": "domain_id",
    ]

    static let methods: [String: FieldSet] = [
        "account": FieldSet(required: Set(names.keys).subtracting(["domainId"]), optional: ["domainId"])
    ]

    func begin(_ fields: SignInFields) async -> ProviderOutcome {
        let session = await channel.session(.session, as: .appKey)
        guard case .reply(let payload) = session.content else {
            return verdict.failure(of: session, refused: BackstackVerdict.ofApp).parted.outcome
        }
        if payload["app"]?["allow_signup"] == false { return .rejected(reason: "sign_up_disabled") }
        var credential = session.jwt.map(BackstackCredential.jwt) ?? .appKey
        var domain = fields["domainId"].flatMap { $0.isEmpty ? nil : $0 }
        if domain == nil {
            let answer = await channel.ask(.get("/app/signup-domains?collection=true"), as: credential)
            guard case .reply(let payload) = answer.content else {
                return verdict.failure(of: answer, refused: BackstackVerdict.ofApp).parted.outcome
            }
            credential = answer.jwt.map(BackstackCredential.jwt) ?? credential
            let domains = Self.domains(payload)
            guard domains.count == 1 else { return Self.choice(among: domains) }
            domain = domains.first
        }
        var body: [String: String] = [:]
        for (ours, theirs) in Self.names { body[theirs] = fields[ours] }
        body["domain_id"] = domain
        let answer = await channel.ask(.post("/app/signup", body), as: credential)
        guard case .reply = answer.content else {
            return verdict.failure(of: answer, refused: Self.outcome(of:)).parted.outcome
        }
        return .confirmationNeeded
    }

    /// The ids in a collection: an array of maps from id to domain, or one map. Those that can be shown.
    private static func domains(_ payload: JSONValue) -> [String] {
        let maps = payload.arrayValue ?? [payload]
        return maps.flatMap { ($0.objectValue ?? [:]).filter { $0.value.objectValue != nil }.keys }
            .filter { $0.utf8.count <= 64 }.sorted()
    }

    private static func choice(among domains: [String]) -> ProviderOutcome {
        if domains.isEmpty { return .rejected(reason: "sign_up_disabled") }
        return .invalidField(path: "domainId", expected: "one of \(domains.prefix(16).joined(separator: ", "))")
    }

    private static func outcome(of refusal: BackstackRefusal) -> ProviderOutcome {
        guard refusal.isOfUser else { return BackstackVerdict.ofApp(refusal) }
        // Of several inputs that are at fault one is named, always the same.
        let name = names.filter { refusal.fields.contains($0.value) }.keys.min()
        return .rejected(reason: name.map { "\($0)_refused" } ?? "sign_up_refused", status: refusal.status)
    }
}
