extension String {
    /// The text as a value of a log line: as it is where it is one plain word, else in quotes.
    var asLogValue: String {
        let isWord =
            !isEmpty
            && unicodeScalars.allSatisfy { !$0.isUnprintable && $0 != " " && $0 != "=" && $0 != "\"" && $0 != "\\" }
        if isWord { return self }
        var quoted = "\""
        for scalar in unicodeScalars {
            switch scalar {
            case "\"", "\\":
                quoted.unicodeScalars.append("\\")
                quoted.unicodeScalars.append(scalar)
            default: quoted.append(contentsOf: scalar.escapedIfUnprintable)
            }
        }
        return quoted + "\""
    }

    /// The text with what would end a line or steer a terminal written as escapes.
    var escapingControls: String {
        guard unicodeScalars.contains(where: \.isUnprintable) else { return self }
        return unicodeScalars.map(\.escapedIfUnprintable).joined()
    }
}

extension Unicode.Scalar {
    /// Control characters, line separators and the marks that reorder text (Unicode TR 9).
    fileprivate var isUnprintable: Bool {
        switch value {
        case 0..<0x20, 0x7F..<0xA0, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
        default: false
        }
    }

    fileprivate var escapedIfUnprintable: String {
        guard isUnprintable else { return String(self) }
        switch self {
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\t": return "\\t"
        default: return "\\u{\(String(value, radix: 16))}"
        }
    }
}
