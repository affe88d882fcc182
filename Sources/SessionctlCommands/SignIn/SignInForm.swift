/// Which fields each sign-in method takes (docs/protocol.md, "Sign-in methods").
///
/// This only saves the person from naming them: the daemon checks, and what it misses is asked for all the same, so
/// that a newer daemon's methods work with an older table.
enum SignInForm {
    /// The fields to ask for, in order; nil for a method that this version does not know.
    static func fields(provider: String?, method: String) -> [FormField]? {
        guard let provider else { return nil }
        return forms[provider]?[method]
    }

    /// The method where none is named.
    static func defaultMethod(provider: String?) -> String { provider == "oidc" ? "device" : "password" }

    /// The member that a name given as --username fills: by the method's first field, and by what the name looks like.
    static func member(for name: String, in fields: [FormField]?) -> String {
        guard let first = fields?.first(where: { !$0.isHidden && $0.name != FormField.organization.name }) else {
            return FormField.username.name
        }
        let phone = first.alternatives.first { $0.hasPrefix("phone") }
        if let phone, !name.contains("@") { return phone }
        return first.name
    }

    private static let mailOrNumber = FormField("email", "E-mail address", alternatives: ["phoneNumber"])
    private static let mailOrPhone = FormField("email", "E-mail address", alternatives: ["phone"])

    private static let forms: [String: [String: [FormField]]] = [
        "embedded": ["password": [.username, .password]],
        "stytch": [
            "password": [.email, .password], "otp": [mailOrNumber], "magicLink": [.email], "totp": [.code],
            "recoveryCode": [.code],
        ],
        "stytch-b2b": [
            "password": [.organization, .email, .password], "otp": [.organization, .email], "magicLink": [.token],
            "discovery": [.email],
        ],
        "agnost": ["password": [mailOrPhone, .password], "code": [.phone], "verifyPhone": [.phone, .code]],
        "backstack": ["password": [.username, .password], "passwordReset": [.email]],
        "oidc": ["device": [], "browser": []],
    ]
}
