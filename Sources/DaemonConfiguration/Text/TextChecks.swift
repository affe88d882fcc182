extension ConfigurationText {
    /// Directives beyond this number are refused before the parser sees them: it compares each with all before it, so
    /// that a file full of them would take 16 seconds.
    private static let maximumDirectives = 16

    /// The text, once it is certain that a YAML parser can be let loose on it.
    func checkedText() throws(ConfigurationProblem) -> String {
        guard bytes.count <= Self.maximumBytes else {
            throw ConfigurationProblem(
                file: path, message: "longer than \(Self.maximumBytes) bytes",
                remedy: "a configuration is a few lines; move profiles to files of their own in profiles.d")
        }
        var directives = 0
        for (index, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            guard let text = String(validating: line, as: UTF8.self) else {
                throw problem(line: index + 1, "not UTF-8", remedy: "save the file in UTF-8")
            }
            for (column, scalar) in text.unicodeScalars.enumerated() where scalar.isForbidden {
                throw problem(
                    line: index + 1, column: column + 1, "a control character (U+\(scalar.hexadecimal))",
                    remedy: "delete it")
            }
            directives += line.first == UInt8(ascii: "%") ? 1 : 0
            guard directives <= Self.maximumDirectives else {
                throw problem(
                    line: index + 1, "more than \(Self.maximumDirectives) lines that begin with %",
                    remedy: "delete YAML's directives, which mean nothing here")
            }
        }
        let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        return String(decoding: bytes[start...], as: UTF8.self)
    }

    private func problem(line: Int, column: Int? = nil, _ message: String, remedy: String) -> ConfigurationProblem {
        ConfigurationProblem(file: path, line: line, column: column, message: message, remedy: remedy)
    }
}

extension Unicode.Scalar {
    /// Neither printable nor a space in YAML's terms (YAML 1.2, section 5.1); a tab is, and is judged by its place.
    fileprivate var isForbidden: Bool {
        (value < 0x20 && self != "\t" && self != "\r") || (0x7F..<0xA0).contains(value) && value != 0x85
    }

    fileprivate var hexadecimal: String {
        let digits = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
