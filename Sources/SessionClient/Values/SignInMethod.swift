public import SessionProtocol

/// A way to sign in with its fields, as the profile's provider names them (docs/protocol.md, section 6).
public struct SignInMethod: Sendable, CustomStringConvertible, CustomReflectable {
    /// The method's name, such as `password`.
    public let name: String
    let fields: [String: JSONValue]

    /// A method by its name. A field that is nil is left out.
    public init(_ name: String, fields: [String: JSONValue?] = [:]) {
        self.name = name
        self.fields = fields.compactMapValues { $0 }
    }

    /// The method and the names of its fields: the values hold passwords and codes.
    public var description: String { "\(name) \(fields.keys.sorted())" }
    /// Without children, so that `dump` shows no password either.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension SignInMethod {
    /// A user name and password: embedded, backstack.
    public static func password(username: String, password: String) -> SignInMethod {
        SignInMethod("password", fields: ["username": .string(username), "password": .string(password)])
    }

    /// An e-mail address and password: stytch, agnost.
    public static func password(email: String, password: String) -> SignInMethod {
        SignInMethod("password", fields: ["email": .string(email), "password": .string(password)])
    }

    /// A phone number and password: agnost.
    public static func password(phone: String, password: String) -> SignInMethod {
        SignInMethod("password", fields: ["phone": .string(phone), "password": .string(password)])
    }

    /// An e-mail address and password in an organization: stytch-b2b.
    public static func password(organizationID: String, email: String, password: String) -> SignInMethod {
        SignInMethod(
            "password",
            fields: [
                "organizationId": .string(organizationID), "email": .string(email), "password": .string(password),
            ])
    }

    /// A code by e-mail; stytch-b2b wants the organization too.
    public static func otp(email: String, organizationID: String? = nil) -> SignInMethod {
        SignInMethod(
            "otp", fields: ["email": .string(email), "organizationId": organizationID.map(JSONValue.string)])
    }

    /// A code by text message: stytch.
    public static func otp(phoneNumber: String) -> SignInMethod {
        SignInMethod("otp", fields: ["phoneNumber": .string(phoneNumber)])
    }

    /// A code by text message: agnost.
    public static func code(phone: String) -> SignInMethod {
        SignInMethod("code", fields: ["phone": .string(phone)])
    }

    /// A link by e-mail: stytch.
    public static func magicLink(email: String) -> SignInMethod {
        SignInMethod("magicLink", fields: ["email": .string(email)])
    }

    /// The token of a link that was opened: stytch-b2b.
    public static func magicLink(token: String) -> SignInMethod {
        SignInMethod("magicLink", fields: ["token": .string(token)])
    }

    /// A code of an authenticator app, as one more factor of the session: stytch.
    public static func totp(code: String) -> SignInMethod {
        SignInMethod("totp", fields: ["code": .string(code)])
    }

    /// A code for a lost authenticator, as one more factor of the session: stytch.
    public static func recoveryCode(_ code: String) -> SignInMethod {
        SignInMethod("recoveryCode", fields: ["code": .string(code)])
    }

    /// Finds the organizations of an e-mail address; without a password a code is sent there: stytch-b2b.
    public static func discovery(email: String, password: String? = nil) -> SignInMethod {
        SignInMethod("discovery", fields: ["email": .string(email), "password": password.map(JSONValue.string)])
    }

    /// A new password in place of a forgotten one, with a token by e-mail: backstack.
    public static func passwordReset(email: String) -> SignInMethod {
        SignInMethod("passwordReset", fields: ["email": .string(email)])
    }

    /// A code that the user types on another device: oidc.
    public static let device = SignInMethod("device")
    /// The user's browser: oidc.
    public static let browser = SignInMethod("browser")
}
