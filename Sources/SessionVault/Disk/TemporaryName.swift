/// The names of files that are not yet, or no longer, anybody's state: `.NAME.tmp-` and 16 hexadecimal digits.
///
/// A profile name cannot start with a dot, so no record is ever taken for one.
enum TemporaryName {
    private static let mark = ".tmp-"
    private static let digits = 16

    static func fresh(for name: String) -> String {
        let number = String(UInt64.random(in: .min ... .max), radix: 16)
        return prefix(for: name) + String(repeating: "0", count: digits - number.count) + number
    }

    static func prefix(for name: String) -> String {
        "." + name + mark
    }

    /// Whether a crashed daemon left this behind. Nothing else is ever swept up.
    static func isOurs(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        guard bytes.first == UInt8(ascii: "."), bytes.count > digits + mark.utf8.count + 1 else { return false }
        let isHexadecimal = bytes.suffix(digits).allSatisfy { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
        }
        return isHexadecimal && bytes.dropLast(digits).suffix(mark.utf8.count).elementsEqual(mark.utf8)
    }
}
