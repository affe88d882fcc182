import SessionProtocol

/// What a challenge wants from the person, escaped.
enum ChallengeWords {
    static func wanted(_ challenge: Challenge) -> String {
        let sentTo = challenge.details["sentTo"]?.stringValue.map(Printable.escape)
        switch challenge.kind {
        case "otp": return "the code" + (sentTo.map { " sent to \($0)" } ?? "")
        case "magicLink": return "the token of the link" + (sentTo.map { " sent to \($0)" } ?? "")
        case "passwordReset":
            return "the token" + (sentTo.map { " sent to \($0)" } ?? "") + " and a new password"
        case "mfa", "primary": return "one more factor: \(names(challenge.details["methods"]))"
        case "organization": return "the choice of an organization"
        case "account": return "the choice of an account"
        case "device": return device(challenge)
        default: return Printable.escape(challenge.kind)
        }
    }

    private static func device(_ challenge: Challenge) -> String {
        let page = challenge.details["verificationURI"]?.stringValue ?? "the sign-in page"
        let code = challenge.details["userCode"]?.stringValue ?? "the code"
        return Printable.escape("\(code) at \(page)")
    }

    private static func names(_ list: JSONValue?) -> String {
        let names = list?.arrayValue?.compactMap(\.stringValue) ?? []
        return names.isEmpty ? "see --json" : Printable.escape(names.joined(separator: " or "))
    }
}
