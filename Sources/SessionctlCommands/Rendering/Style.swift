package import SessionProtocol

/// How output may look. A value: the same style and data always give the same text.
package struct Style: Sendable {
    /// Whether escape sequences for colour may be written.
    package var colour: Bool
    /// Whether marks beyond ASCII may be written.
    package var unicode: Bool
    /// The terminal's columns; nil where nothing is cut or wrapped.
    package var columns: Int?
    package var localTime: LocalTime

    package init(colour: Bool = false, unicode: Bool = true, columns: Int? = nil, localTime: LocalTime = .utc) {
        self.colour = colour
        self.unicode = unicode
        self.columns = columns
        self.localTime = localTime
    }

    /// The colours of this tool, by their SGR parameters (ECMA-48, 8.3.117).
    package enum Colour: String, Sendable {
        case bold = "1"
        case dim = "2"
        case red = "31"
        case green = "32"
        case yellow = "33"
        case blue = "34"
        case cyan = "36"
    }

    /// The text in that colour, where colour is allowed.
    package func paint(_ text: String, _ paint: Colour?) -> String {
        guard colour, let paint, !text.isEmpty else { return text }
        return "\u{1B}[\(paint.rawValue)m\(text)\u{1B}[0m"
    }
}

extension Style {
    /// Reads the environment: `NO_COLOR` (no-color.org: any value but an empty one), `TERM`, `COLUMNS` and the locale.
    package init(
        environment: (String) -> String?, isTerminal: Bool, terminalColumns: Int?, forbidsColour: Bool,
        localTime: LocalTime = .local
    ) {
        let saysNoColour = environment("NO_COLOR").map { !$0.isEmpty } ?? false
        let named = environment("COLUMNS").flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap(environment).first { !$0.isEmpty } ?? ""
        self.init(
            colour: isTerminal && !forbidsColour && !saysNoColour && environment("TERM") != "dumb",
            unicode: Self.isUnicode(locale: locale),
            columns: isTerminal ? named ?? terminalColumns : nil, localTime: localTime)
    }

    /// A locale's name is `language_TERRITORY.CODESET@modifier` (setlocale(3)).
    private static func isUnicode(locale: String) -> Bool {
        let codeset = locale.utf8.drop { $0 != UInt8(ascii: ".") }.dropFirst().prefix { $0 != UInt8(ascii: "@") }
        let name = codeset.map { $0 | 0x20 }
        return name == Array("utf-8".utf8) || name == Array("utf8".utf8)
    }
}

extension JSONValue {
    /// One line of JSON that cannot drive a terminal: DEL and the C1 controls, legal in JSON, are escaped as well.
    package var line: String {
        var text = ""
        for scalar in String(decoding: encoded, as: UTF8.self).unicodeScalars {
            if (0x7F...0x9F).contains(scalar.value) {
                text += "\\u00" + String(scalar.value, radix: 16)
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text + "\n"
    }
}
