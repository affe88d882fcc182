extension JSONValue {
    /// The value of a JSON text (RFC 8259, UTF-8), read strictly, with numbers of any size.
    ///
    /// `maxDepth` counts nested containers, `maxValues` all values. The defaults hold any line of the daemon.
    public static func parse(
        _ bytes: [UInt8], maxDepth: Int = 128, maxValues: Int = 1 << 20
    ) throws(JSONParseError) -> JSONValue {
        try parse(bytes.span, maxDepth: maxDepth, maxValues: maxValues)
    }

    /// The value of an answer of a service that is not ours: as `parse`, but an escaped half of a surrogate pair is read
    /// as U+FFFD.
    package static func parseForeign(_ bytes: [UInt8]) throws(JSONParseError) -> JSONValue {
        var bounds = JSONParser.Bounds(maxDepth: 128, maxValues: 1 << 20, numbers: .any)
        bounds.replacesLoneSurrogates = true
        return try JSONParser.parse(bytes.span, bounds: bounds)
    }

    /// The same for bytes that stay where they are.
    public static func parse(
        _ bytes: Span<UInt8>, maxDepth: Int = 128, maxValues: Int = 1 << 20
    ) throws(JSONParseError) -> JSONValue {
        try JSONParser.parse(bytes, bounds: JSONParser.Bounds(maxDepth: maxDepth, maxValues: maxValues, numbers: .any))
    }
}
