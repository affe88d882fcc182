import SessionProtocol

/// A manual page, made of the declarations of what it is about.
package struct ManualPage: Sendable {
    /// Such as `sessiond.8`.
    package let fileName: String
    package let text: String

    /// Every page of the project.
    package static func all() throws -> [ManualPage] {
        [
            ManualPage(fileName: "sessiond.8", text: daemonPage()),
            ManualPage(fileName: "sessiond.yaml.5", text: configurationPage()),
            ManualPage(fileName: "sessionctl.1", text: try toolPage()),
        ]
    }

    static let version = "sessiond \(ProductVersion.current)"
}

/// A variable that a program reads.
package struct EnvironmentVariable: Sendable, Hashable {
    /// One, or several with one meaning.
    package let names: [String]
    let meaning: String

    init(_ names: String..., meaning: String) {
        self.names = names
        self.meaning = meaning
    }
}

extension Roff {
    mutating func environment(_ variables: [EnvironmentVariable]) {
        section("ENVIRONMENT")
        for variable in variables {
            item(variable.names.map { "`\($0)`" }.joined(separator: ", "), variable.meaning)
        }
    }
}
