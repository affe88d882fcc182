import SessionCore

/// A username in its proper form.
struct Username: Sendable {
    let asTyped: String
    /// Equal for usernames that differ in case alone. Compared by canonical equivalence, as Swift compares strings.
    let key: String

    /// A control character is refused: SQLite ends a text at NUL, which would let one name pass for another.
    init(_ text: String, path: String = "username") throws(AuthorityError) {
        guard (1...128).contains(text.count), !text.hasControlCharacters else {
            throw .invalidField(path: path, expected: "1 to 128 characters, no control characters")
        }
        asTyped = text
        // By way of the upper case, as a letter may have several lower cases (σ and ς).
        key = text.uppercased().lowercased()
    }
}

/// The forms that docs/protocol.md, section 6, asks of what an account is made of.
enum AccountRules {
    static let minutes = 5...527_040

    static func check(password: Secret?, path: String = "password") throws(AuthorityError) -> Secret {
        guard let password, (8...1024).contains(password.reveal().utf8.count) else {
            throw .invalidField(path: path, expected: "8 to 1024 bytes")
        }
        return password
    }

    /// An empty name means none.
    static func check(name: String?) throws(AuthorityError) -> String? {
        guard let name, !name.isEmpty else { return nil }
        guard name.count <= 256, !name.hasControlCharacters else {
            throw .invalidField(path: "name", expected: "at most 256 characters, no control characters")
        }
        return name
    }

    static func check(access: [String: String]) throws(AuthorityError) {
        for (feature, letters) in access {
            let isName =
                !feature.isEmpty && !feature.hasControlCharacters
                && !feature.contains { $0 == "," || $0 == ":" || $0.isWhitespace }
            guard isName else {
                throw .invalidField(
                    path: "access", expected: "feature names that are not empty and have no comma, colon or space")
            }
            guard letters.allSatisfy({ "crud".contains($0) }), Set(letters).count == letters.count else {
                throw .invalidField(path: "access.\(feature)", expected: "letters of crud, each at most once")
            }
        }
    }

    static func check(minutes count: Int, path: String, range: ClosedRange<Int>) throws(AuthorityError) -> Int64 {
        guard range.contains(count) else {
            throw .invalidField(path: path, expected: "\(range.lowerBound) to \(range.upperBound) minutes")
        }
        return Int64(count) * 60_000
    }
}

extension String {
    fileprivate var hasControlCharacters: Bool {
        unicodeScalars.contains { $0.properties.generalCategory == .control }
    }
}
