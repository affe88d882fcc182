public import SessionProtocol

/// What answers a challenge, as its kind wants it (docs/protocol.md, section 6).
public struct ChallengeAnswer: Sendable, CustomStringConvertible, CustomReflectable {
    let fields: [String: JSONValue]

    /// An answer of these fields. A field that is nil is left out.
    public init(fields: [String: JSONValue?]) { self.fields = fields.compactMapValues { $0 } }

    /// The names of the fields: the values are secrets.
    public var description: String { "\(fields.keys.sorted())" }
    /// Without children, so that `dump` shows no code either.
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// The code that was sent: kind `otp`.
    public static func code(_ code: String) -> ChallengeAnswer { ChallengeAnswer(fields: ["code": .string(code)]) }

    /// The token of the link that was opened: kind `magicLink`.
    public static func token(_ token: String) -> ChallengeAnswer { ChallengeAnswer(fields: ["token": .string(token)]) }

    /// A second factor; without a code, have one sent, to `phoneNumber` where the member has none yet: kind `mfa`. A
    /// code by e-mail as first factor, likewise: kind `primary`, method `email_otp`.
    public static func factor(
        _ method: String, code: String? = nil, phoneNumber: String? = nil
    ) -> ChallengeAnswer {
        ChallengeAnswer(
            fields: [
                "method": .string(method), "code": code.map(JSONValue.string),
                "phoneNumber": phoneNumber.map(JSONValue.string),
            ])
    }

    /// The password that is still wanted: kind `primary`.
    public static func primary(password: String) -> ChallengeAnswer {
        ChallengeAnswer(fields: ["method": "password", "password": .string(password)])
    }

    /// The token of a link that was opened: kind `primary`.
    public static func primary(magicLinkToken token: String) -> ChallengeAnswer {
        ChallengeAnswer(fields: ["method": "magic_link", "token": .string(token)])
    }

    /// The organization to sign in to: kind `organization`.
    public static func organization(_ id: String) -> ChallengeAnswer {
        ChallengeAnswer(fields: ["organizationId": .string(id)])
    }

    /// The account to use: kind `account`.
    public static func account(_ id: String) -> ChallengeAnswer { ChallengeAnswer(fields: ["accountId": .string(id)]) }

    /// The mailed token and the password to use from now on: kind `passwordReset`.
    public static func passwordReset(token: String, newPassword: String) -> ChallengeAnswer {
        ChallengeAnswer(fields: ["token": .string(token), "password": .string(newPassword)])
    }
}
