package import SessionCore

/// An app in Agnost, or rather one environment of it, and how this daemon speaks to it.
package struct AgnostService: Sendable {
    /// The app's client key. Read anew for every call, so that a file that was missing or was replaced needs no
    /// restart; nil while it cannot be had.
    package var apiKey: @Sendable () -> Secret?
    /// Between the environment's base URL and `/auth`: begins with a slash and ends without one, or is empty, as for
    /// servers before 2024.
    package var pathPrefix: String
    /// Where a person can sign in: the official client's `signInRedirect`.
    package var signInURL: String?

    package init(apiKey: @escaping @Sendable () -> Secret?, pathPrefix: String = "/agnost", signInURL: String? = nil) {
        self.apiKey = apiKey
        self.pathPrefix = pathPrefix
        self.signInURL = signInURL
    }
}
