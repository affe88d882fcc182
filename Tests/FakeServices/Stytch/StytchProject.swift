/// What the fake was made for.
struct StytchProject {
    var product: FakeStytch.Product
    var publicToken: String
    var projectID: String
    var secret: String
    /// The app that is registered in the dashboard; nil takes any.
    var appIdentifier: String?
}
