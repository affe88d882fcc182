/// A key of the configuration. The decoder refuses what is not declared, and sessiond.yaml(5) is made of it.
package struct ConfigurationKey: Sendable, Hashable {
    package enum Value: Sendable, Hashable {
        case boolean
        case integer(ClosedRange<Int>)
        /// The shortest and the longest, as they are written.
        case duration(String, String)
        /// A number from 0 to 1.
        case share
        case words([String])
        case secret
        /// Anything else, in words.
        case other(String)
    }

    package enum Default: Sendable, Hashable {
        /// As it would be written.
        case value(String)
        /// What it depends on, in words.
        case words(String)
        case none
        case required
    }

    package let name: String
    package let value: Value
    package let standard: Default
    package let meaning: String

    init(_ name: String, _ value: Value, _ standard: Default, _ meaning: String) {
        self.name = name
        self.value = value
        self.standard = standard
        self.meaning = meaning
    }
}

/// The keys of one mapping.
package struct ConfigurationSection: Sendable, Hashable {
    /// The path of the mapping, with NAME where a name is chosen; empty for the file itself.
    package let path: String
    package let title: String
    package let keys: [ConfigurationKey]

    package var names: [String] { keys.map(\.name) }
}
