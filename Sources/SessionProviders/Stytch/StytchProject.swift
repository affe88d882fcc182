package import SessionCore

/// A Stytch project and how this daemon speaks to it.
package struct StytchProject: Sendable {
    package enum Product: Sendable, Hashable { case consumer, b2b }

    /// Which of the project's two APIs is used: they differ in paths, authorization, envelope and gone-set.
    package enum Entrance: Sendable {
        /// As an app does: the public token says which project, the session token who.
        case sdk(publicToken: String, appIdentifier: String)
        /// As the project's own server does. The secret is read anew for every call, so that a file that was missing
        /// or was replaced needs no restart.
        case server(projectID: String, secret: @Sendable () -> Secret?)
    }

    package var product: Product
    package var entrance: Entrance
    /// Session JWTs are checked against this project's keys; nil: they are handed on as they came.
    package var projectID: String?

    package init(product: Product, entrance: Entrance, projectID: String? = nil) {
        self.product = product
        self.entrance = entrance
        self.projectID = projectID
    }

    /// Where Stytch answers for a public token or project id, by the kind of project that is part of both.
    package static func host(of name: String) -> String {
        name.hasPrefix("public-token-live-") || name.hasPrefix("project-live-")
            ? "https://api.stytch.com" : "https://test.stytch.com"
    }

    var isServer: Bool {
        guard case .server = entrance else { return false }
        return true
    }
}
