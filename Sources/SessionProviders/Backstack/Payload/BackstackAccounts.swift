import SessionCore
import SessionProtocol

/// A list of accounts, in any of the forms that Backstack's documents and its demo have: a map from id to title, an
/// array of `{id, title}`, an array of maps, or one of these as `accounts` beside `current` or `last_login`.
struct BackstackAccounts: Sendable {
    /// In the order of an array; by title where a map has none.
    let accounts: [AccountList.Account]
    let current: String?
    /// The one that was used last.
    let lastUsed: String?

    /// nil where this is no list.
    init?(_ payload: JSONValue) {
        // A session has maps too, and any answer may bring a jwt beside what was asked for.
        guard !BackstackSession(payload).isSession else { return nil }
        var payload = payload
        if case .object(var members) = payload {
            members["jwt"] = nil
            payload = .object(members)
        }
        let isNested = payload["accounts"].map { $0.stringValue == nil } ?? false
        guard let accounts = Self.accounts(isNested ? payload["accounts"] : payload) else { return nil }
        self.accounts = accounts
        current = isNested ? Self.text(payload["current"]) : nil
        lastUsed = isNested ? Self.text(payload["last_login"]) : nil
    }

    /// As a challenge shows them.
    var json: JSONValue { .array(accounts.map { ["id": .string($0.id), "title": .string($0.title)] }) }

    private static func accounts(_ value: JSONValue?) -> [AccountList.Account]? {
        switch value {
        case .object(let map): ordered(map)
        case .array(let elements): elements.flatMap(accounts(inElement:))
        case .null: []
        default: nil
        }
    }

    private static func accounts(inElement element: JSONValue) -> [AccountList.Account] {
        guard let members = element.objectValue else { return [] }
        guard let id = text(members["id"]) else { return ordered(members) }
        return [AccountList.Account(id: id, title: text(members["title"]) ?? id)]
    }

    private static func ordered(_ map: [String: JSONValue]) -> [AccountList.Account] {
        map.map { AccountList.Account(id: $0.key, title: text($0.value) ?? $0.key) }
            .sorted { ($0.title, $0.id) < ($1.title, $1.id) }
    }

    /// Ids may be numbers.
    private static func text(_ value: JSONValue?) -> String? {
        switch value {
        case .string(let text) where !text.isEmpty: text
        case .integer(let number): String(number)
        default: nil
        }
    }
}
