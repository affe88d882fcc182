import SessionProtocol

/// A request that was let in.
struct AgnostCall {
    var endpoint: AgnostEndpoint
    var query: [String: String]
    /// Empty where there was none.
    var body: [String: JSONValue]
    var userAgent: String?
    /// Of the calls that need one.
    var session: AgnostSession?
    /// Unix ms.
    var now: Int64

    func email(_ name: String = "email") throws(AgnostFault) -> String {
        guard let text = body[name]?.stringValue, text.contains("@"), !text.contains(" ") else {
            throw .validation(name, "Not a valid email address")
        }
        return text.lowercased()
    }

    /// 6 to 50 characters where one is set.
    func newPassword(_ name: String) throws(AgnostFault) -> String {
        let text = try password(name)
        guard (6...50).contains(text.count) else { throw .validation(name, "Must be 6 to 50 characters") }
        return text
    }

    func password(_ name: String) throws(AgnostFault) -> String {
        guard let text = body[name]?.stringValue, !text.isEmpty else {
            throw .validation(name, "Required field, cannot be left empty")
        }
        return text
    }

    func phone(_ name: String = "phone") throws(AgnostFault) -> String {
        guard let text = body[name]?.stringValue, Self.isPhone(text) else {
            throw .validation(name, "Not a valid phone number")
        }
        return text
    }

    /// Of the calls that carry it in the URL.
    func queryPhone() throws(AgnostFault) -> String {
        guard let text = query["phone"], !text.isEmpty else { throw .of("missing_phone_number") }
        guard Self.isPhone(text) else { throw .validation("phone", "Not a valid phone number") }
        return text
    }

    func queryCode() throws(AgnostFault) -> String {
        guard let text = query["code"], !text.isEmpty else { throw .of("missing_sms_code") }
        return text
    }

    func userData() throws(AgnostFault) -> [String: JSONValue] {
        switch body["userData"] {
        case nil, .null: return [:]
        case .object(let members): return members
        default: throw .validation("userData", "Not a valid JSON object")
        }
    }

    /// Strict international format.
    private static func isPhone(_ text: String) -> Bool {
        let digits = text.utf8.dropFirst()
        return text.hasPrefix("+") && (7...15).contains(digits.count) && digits.first != UInt8(ascii: "0")
            && digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
