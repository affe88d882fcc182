/// An address as a challenge may show it: enough for its owner to know it, not enough for others to use it.
enum MaskedAddress {
    /// The first letter and the domain.
    static func email(_ address: String) -> String {
        guard let at = address.lastIndex(of: "@"), let first = address.first, first != "@" else { return "***" }
        return "\(first)***\(address[at...])"
    }

    /// The last two digits.
    static func phone(_ number: String) -> String {
        let digits = number.filter(\.isNumber)
        return digits.count > 4 ? "***\(digits.suffix(2))" : "***"
    }
}
