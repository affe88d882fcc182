/// The service's timestamps: RFC 3339 in UTC, made from unix milliseconds.
enum StytchTime {
    /// No fraction for a whole second, six digits otherwise.
    static func text(_ milliseconds: Int64) -> String {
        FakeTime.iso(milliseconds, digits: milliseconds % 1000 == 0 ? 0 : 6)
    }
}
