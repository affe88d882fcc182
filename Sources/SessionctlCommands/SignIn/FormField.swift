/// One thing that a sign-in step asks for.
struct FormField: Sendable, Hashable {
    /// The member of the wire protocol.
    let name: String
    /// What a person is asked.
    let question: String
    /// Whether the terminal must not show it.
    let isHidden: Bool
    /// Members any of which stands in for this one.
    let alternatives: [String]

    init(_ name: String, _ question: String, isHidden: Bool = false, alternatives: [String] = []) {
        self.name = name
        self.question = question
        self.isHidden = isHidden
        self.alternatives = alternatives
    }

    /// A field that only the daemon knows: asked for by its name.
    init(named name: String) {
        self = Self.known[name] ?? FormField(name, name, isHidden: Self.secrets.contains(name))
    }

    /// Members that may be neither shown nor given as arguments, which every user of the machine can read. One-time
    /// codes are among them: they open the door as long as nobody has used them.
    static let secrets: Set<String> = [
        "password", "newPassword", "code", "token", "accessToken", "sessionToken", "sessionJwt", "secret",
    ]

    static let username = FormField("username", "User name")
    static let email = FormField("email", "E-mail address")
    static let phone = FormField("phone", "Phone number")
    static let organization = FormField("organizationId", "Organization")
    static let password = FormField("password", "Password", isHidden: true)
    static let newPassword = FormField("password", "New password", isHidden: true)
    static let token = FormField("token", "Token from the link", isHidden: true)
    /// Shown while typed: it is copied digit by digit from another screen and works once.
    static let code = FormField("code", "Code")
    static let accessToken = FormField("accessToken", "Access token", isHidden: true)
    static let sessionToken = FormField("sessionToken", "Session token", isHidden: true)
    static let sessionJwt = FormField("sessionJwt", "Session JWT", isHidden: true)

    private static let known = Dictionary(
        uniqueKeysWithValues: [
            username, email, phone, organization, password, token, code, accessToken, sessionToken, sessionJwt,
        ].map { ($0.name, $0) })
}

/// What was typed or read. Holds passwords and codes, so it does not print its values.
struct FormAnswers: Sendable, CustomStringConvertible, CustomReflectable {
    private(set) var values: [String: String]

    init(_ values: [String: String] = [:]) { self.values = values }

    subscript(name: String) -> String? {
        get { values[name] }
        set { values[name] = newValue }
    }

    func has(_ field: FormField) -> Bool {
        values[field.name] != nil || field.alternatives.contains { values[$0] != nil }
    }

    var description: String { "\(values.keys.sorted())" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
