/// Names a master key without telling anything about it: the first four bytes of a hash, written as 8 hex digits.
package struct KeyID: Hashable, Sendable, CustomStringConvertible {
    let number: UInt32

    init(number: UInt32) {
        self.number = number
    }

    /// Nil unless the text is exactly 8 lower-case hexadecimal digits.
    init?(_ text: some StringProtocol) {
        guard text.utf8.count == 8, let number = UInt32(text, radix: 16) else { return nil }
        self.number = number
        guard description == text else { return nil }
    }

    package var description: String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
