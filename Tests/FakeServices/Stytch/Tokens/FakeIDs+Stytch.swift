/// Ids and tokens in the service's shapes.
extension FakeIDs {
    /// `prefix-test-<uuid>`.
    mutating func id(_ prefix: String) -> String {
        "\(prefix)-test-\(uuid())"
    }

    /// Opaque: 44 characters of base64url, the last of them the padding.
    mutating func token() -> String {
        FakeBase64URL.encode(bytes()) + "="
    }

    mutating func code() -> String {
        numerals(6)
    }
}
