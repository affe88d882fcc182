/// What a client calls its request; the answer carries it back with the same type and value.
package enum RequestID: Sendable, Hashable {
    case string(String)
    case integer(Int64)
}

/// One request of a line, envelope checked, params not.
package struct Request: Sendable, Hashable {
    /// nil for a notification: carried out, never answered.
    package var id: RequestID?
    package var method: String
    /// Empty where params are absent, `{}` or `[]`.
    package var params: [String: JSONValue]

    package init(id: RequestID?, method: String, params: [String: JSONValue]) {
        self.id = id
        self.method = method
        self.params = params
    }
}

/// A line as the server acts on it.
package enum ParsedLine: Sendable, Hashable {
    /// Nothing but spaces, tabs and carriage returns.
    case blank
    case single(Entry)
    /// 1 to `Limits.maxBatch` entries.
    case batch([Entry])
    /// The line is refused as a whole with id null. `isLexical` lines count towards `Limits.maxBadLines`.
    case refused(RPCError, isLexical: Bool)

    /// One message of a line.
    package enum Entry: Sendable, Hashable {
        case request(Request)
        /// No valid request, or one whose params are no object: answered with this error. `id` is nil for null.
        case refused(RPCError, id: RequestID?)
    }
}
