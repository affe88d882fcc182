import ArgumentParser

/// `name=value`, for a field that is no secret.
struct FieldArgument: ExpressibleByArgument, Sendable {
    let name: String
    let value: String

    init?(argument: String) {
        guard let separator = argument.firstIndex(of: "="), separator != argument.startIndex else { return nil }
        name = String(argument[..<separator])
        value = String(argument[argument.index(after: separator)...])
    }

    /// The last value of a name that comes twice.
    static func answers(_ arguments: [FieldArgument]) -> FormAnswers {
        FormAnswers(Dictionary(arguments.map { ($0.name, $0.value) }, uniquingKeysWith: { _, last in last }))
    }

    /// Refuses secrets, and the params that have options of their own.
    static func check(_ arguments: [FieldArgument]) throws(ValidationError) {
        for argument in arguments {
            if FormField.secrets.contains(argument.name) {
                throw ValidationError(
                    """
                    \(argument.name) is a secret, and every user of this machine can read command lines: \
                    leave it out and it is asked for, or give it as a line of the input.
                    """)
            }
            if ["profile", "method", "challenge", "sessionDurationMinutes", "timeoutMs", "expect"]
                .contains(argument.name)
            {
                throw ValidationError("\(argument.name) is no field of a sign-in method.")
            }
        }
    }
}
