package import SessionCore

/// The profiles that the server serves, by name.
package struct ProfileDirectory: Sendable {
    /// What a request without `profile` means; may name a profile that does not exist.
    package var defaultProfile: String
    private let profiles: [String: any ProfileServing]
    /// By name, so that lists read the same every time.
    package let all: [any ProfileServing]

    package init(defaultProfile: String, profiles: [any ProfileServing]) {
        self.defaultProfile = defaultProfile
        self.profiles = Dictionary(profiles.map { ($0.profile, $0) }, uniquingKeysWith: { first, _ in first })
        self.all = self.profiles.values.sorted { $0.profile < $1.profile }
    }

    package subscript(name: String) -> (any ProfileServing)? { profiles[name] }
}
