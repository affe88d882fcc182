package import SessionCore

/// An app that is registered with Backstack, and how this daemon speaks for it.
package struct BackstackService: Sendable {
    /// Where Backstack answers.
    package static let host = "https://api.backstack.com"

    /// The app's key, read anew for every call that needs it, so that a file that was missing or was replaced needs no
    /// restart.
    package var appKey: @Sendable () -> Secret?
    /// Sent with every request, as attribution.
    package var providerID: String?

    package init(appKey: @escaping @Sendable () -> Secret?, providerID: String? = nil) {
        self.appKey = appKey
        self.providerID = providerID
    }
}
