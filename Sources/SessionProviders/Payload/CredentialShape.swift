/// Texts that are credentials by their looks. One pass over the text each: it is a stranger's.
enum CredentialShape {
    /// The parts of a text that could be a token, without the dots of a sentence around them.
    static func words(of text: String) -> [Substring] {
        text.utf8.split { byte in
            !isAlphanumeric(byte) && byte != UInt8(ascii: "-") && byte != UInt8(ascii: "_")
                && byte != UInt8(ascii: ".")
        }
        .map { word in
            var word = Substring(word.drop { $0 == UInt8(ascii: ".") })
            while word.last == "." { word.removeLast() }
            return word
        }
    }

    /// A signed JWT in compact form, as Agnost's session tokens are: three parts between dots, two of which begin as
    /// JSON objects do in base64. Or one of Agnost's own keys: of a grant, a link in a mail, a session.
    static func isToken(_ word: Substring) -> Bool {
        if word.utf8.count == 39, ["at-", "tk-", "sn-"].contains(word.prefix(3)) {
            return word.dropFirst(3).utf8.allSatisfy(isAlphanumeric)
        }
        let parts = word.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count >= 3 else { return false }
        return (0...(parts.count - 3)).contains { index in
            parts[index].hasPrefix("eyJ") && parts[index + 1].hasPrefix("eyJ") && !parts[index + 2].isEmpty
        }
    }

    /// Whether a hash in the modular crypt format stands in the text: `$`, the name of a function, `$`, and at least 20
    /// characters of parameters, salt and hash. Agnost makes bcrypt's (`$2b$10$` and 53 more).
    static func isHashIn(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "$"), omittingEmptySubsequences: false)
        // The length of what follows each part up to the first character that no hash has.
        var rest = 0
        for index in parts.indices.dropFirst().reversed() {
            if rest >= 20, isFunction(parts[index]) { return true }
            let run = parts[index].prefix { isOfHash($0) }.count
            rest = run == parts[index].count ? run + 1 + rest : run
        }
        return false
    }

    private static func isFunction(_ name: Substring.UTF8View) -> Bool {
        guard name.count <= 16 else { return false }
        return switch String(Substring(name)) {
        case "1", "2", "2a", "2b", "2x", "2y", "5", "6", "7", "y", "gy", "argon2i", "argon2d", "argon2id", "scrypt",
            "bcrypt-sha256", "pbkdf2", "pbkdf2-sha256", "pbkdf2-sha512":
            true
        default: false
        }
    }

    private static func isOfHash(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || "./=,+-_".utf8.contains(byte)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
