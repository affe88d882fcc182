import ArgumentParser
import SessionProtocol

/// `feature=crud`: the letters that a user is granted for a feature.
struct AccessArgument: ExpressibleByArgument, Sendable {
    let feature: String
    let letters: String

    /// nil for anything but a feature, `=` and letters of `crud`, each at most once.
    init?(argument: String) {
        guard let separator = argument.firstIndex(of: "="), separator != argument.startIndex else { return nil }
        feature = String(argument[..<separator])
        letters = String(argument[argument.index(after: separator)...])
        guard letters.allSatisfy({ "crud".contains($0) }), Set(letters).count == letters.count else { return nil }
    }

    /// The wire's `access` object; the last of a feature that comes twice.
    static func object(_ arguments: [AccessArgument]) -> JSONValue {
        .object(
            Dictionary(
                arguments.map { ($0.feature, JSONValue.string($0.letters)) }, uniquingKeysWith: { _, last in last })
        )
    }
}
