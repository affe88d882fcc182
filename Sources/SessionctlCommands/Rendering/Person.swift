package import SessionProtocol

/// Who is signed in, from what the provider's user object happens to offer.
package enum Person {
    /// `Ada Lovelace (ada)`, escaped; nil where no user or member is at hand or none of its members names anybody.
    package static func named(in objects: [String: ObjectInfo]) -> String? {
        for object in ["user", "member"] {
            if case .available(let value, _)? = objects[object], let name = named(value) { return name }
        }
        return nil
    }

    private static func named(_ user: JSONValue) -> String? {
        let name = fullName(user)
        let handle = handle(user)
        return switch (name, handle) {
        case (let name?, let handle?) where name != handle: Printable.escape("\(name) (\(handle))")
        case (let known?, _), (nil, let known?): Printable.escape(known)
        case (nil, nil): nil
        }
    }

    private static func fullName(_ user: JSONValue) -> String? {
        if let name = text(user["name"]) { return name }
        // Stytch: name is an object of first_name, middle_name, last_name, each possibly empty.
        let parts = ["first_name", "middle_name", "last_name"].compactMap { text(user["name"]?[$0]) }
        return parts.isEmpty ? nil : parts.joined(separator: " ")
    }

    private static func handle(_ user: JSONValue) -> String? {
        for member in ["username", "email", "email_address", "phone", "phone_number", "mobile_number"] {
            if let handle = text(user[member]) { return handle }
        }
        return text(user["emails"]?.arrayValue?.first?["email"])
            ?? text(user["phone_numbers"]?.arrayValue?.first?["phone_number"])
            ?? ["id", "user_id", "member_id", "_id"].lazy.compactMap { text(user[$0]) }.first
    }

    private static func text(_ value: JSONValue?) -> String? {
        guard let text = value?.stringValue, !text.isEmpty else { return nil }
        return text
    }
}
