/// An error as it goes over the wire: programs read `kind`, people read `message` (docs/protocol.md, section 3).
package struct RPCError: Error, Sendable, Hashable {
    package let code: Int64
    package let kind: String
    package let message: String
    package let isRetryable: Bool
    /// Members of `data` beside `kind` and `retryable`.
    package let details: [String: JSONValue]

    package init(code: Int64, kind: String, message: String, isRetryable: Bool, details: [String: JSONValue] = [:]) {
        self.code = code
        self.kind = kind
        self.message = message
        self.isRetryable = isRetryable
        self.details = details
    }

    /// The wire shape of the `error` member.
    package var json: JSONValue {
        var data = details
        data["kind"] = .string(kind)
        data["retryable"] = .bool(isRetryable)
        return ["code": .integer(code), "message": .string(message), "data": .object(data)]
    }
}

extension RPCError {
    package static func parseError(position: Int) -> RPCError {
        RPCError(
            code: -32700, kind: "parseError", message: "this line is not JSON", isRetryable: false,
            details: ["position": .integer(Int64(position))])
    }

    package static func invalidRequest(_ message: String, limit: Int? = nil) -> RPCError {
        request("invalidRequest", message, limit: limit)
    }
    package static func lineTooLong(limit: Int) -> RPCError {
        request("lineTooLong", "the line is longer than \(limit) bytes; the connection closes", limit: limit)
    }
    package static let duplicateKey = request("duplicateKey", "an object has the same member twice")
    package static func tooDeep(limit: Int) -> RPCError {
        request("tooDeep", "nested deeper than \(limit) levels", limit: limit)
    }
    package static func tooManyValues(limit: Int) -> RPCError {
        request("tooManyValues", "more than \(limit) values in one line", limit: limit)
    }
    package static let duplicateID = request("duplicateId", "this id is still in flight on this connection")

    private static func request(_ kind: String, _ message: String, limit: Int? = nil) -> RPCError {
        RPCError(
            code: -32600, kind: kind, message: message, isRetryable: false,
            details: limit.map { ["limit": .integer(Int64($0))] } ?? [:])
    }

    /// `method` is cut to 128 bytes.
    package static func methodNotFound(_ method: String) -> RPCError {
        RPCError(
            code: -32601, kind: "methodNotFound", message: "no such method; rpc.discover lists them",
            isRetryable: false, details: ["method": .string(method.cut(toBytes: 128))])
    }

    /// `path` names the param, with dots for members of members.
    package static func invalidParams(path: String, expected: String) -> RPCError {
        RPCError(
            code: -32602, kind: "invalidParams", message: "\(path): expected \(expected)", isRetryable: false,
            details: ["path": .string(path), "expected": .string(expected)])
    }

    /// Each name is cut to 128 bytes.
    package static func unknownParams(_ names: [String]) -> RPCError {
        RPCError(
            code: -32602, kind: "invalidParams", message: "unknown params", isRetryable: false,
            details: ["unknown": .array(names.sorted().map { .string($0.cut(toBytes: 128)) })])
    }

    package static func internalError(incident: String) -> RPCError {
        RPCError(
            code: -32603, kind: "internal", message: "internal error; the log has incident \(incident)",
            isRetryable: false, details: ["incident": .string(incident)])
    }

    package static let cancelled = RPCError(
        code: -32800, kind: "cancelled", message: "cancelled", isRetryable: true)

    package static func permissionDenied(needs: String) -> RPCError {
        RPCError(
            code: 1001, kind: "permissionDenied", message: "this needs the permission \(needs)", isRetryable: false,
            details: ["needs": .string(needs)])
    }
    package static func notSignedIn(_ phase: Phase) -> RPCError {
        RPCError(
            code: 1002, kind: "notSignedIn", message: "not signed in", isRetryable: false,
            details: ["phase": .string(phase.rawValue)])
    }
    package static func conflict(revision: Int64) -> RPCError {
        RPCError(
            code: 1003, kind: "conflict", message: "the profile has changed since", isRetryable: true,
            details: ["revision": .integer(revision)])
    }
    package static func deadlineExceeded(timeoutMs: Int64) -> RPCError {
        RPCError(
            code: 1004, kind: "deadlineExceeded", message: "no answer within \(timeoutMs) ms", isRetryable: true,
            details: ["timeoutMs": .integer(timeoutMs)])
    }
    package static func busy(limit: Int, retryAfterMs: Int64) -> RPCError {
        RPCError(
            code: 1005, kind: "busy", message: "over the limit of \(limit)", isRetryable: true,
            details: ["limit": .integer(Int64(limit)), "retryAfterMs": .integer(retryAfterMs)])
    }
    package static func tooManySubscriptions(limit: Int) -> RPCError {
        RPCError(
            code: 1005, kind: "tooManySubscriptions", message: "over the limit of \(limit) subscriptions",
            isRetryable: true, details: ["limit": .integer(Int64(limit)), "retryAfterMs": .integer(1000)])
    }
    package static func upstreamUnavailable(nextAttemptAt: Int64?) -> RPCError {
        RPCError(
            code: 1006, kind: "upstreamUnavailable", message: "the auth service cannot be reached at present",
            isRetryable: true, details: ["nextAttemptAt": JSONValue(nextAttemptAt)])
    }
    package static func upstreamRejected(reason: String, status: Int?) -> RPCError {
        RPCError(
            code: 1007, kind: "upstreamRejected", message: "the auth service refused: \(reason)", isRetryable: false,
            details: ["reason": .string(reason), "status": JSONValue(status.map(Int64.init))])
    }
    package static let storeFailed = RPCError(
        code: 1008, kind: "storeFailed", message: "the store cannot be written; the old state is kept",
        isRetryable: true)
    package static let keyUnavailable = RPCError(
        code: 1008, kind: "keyUnavailable", message: "the vault's key cannot be read; the stored state is kept",
        isRetryable: true)
    package static let shuttingDown = RPCError(
        code: 1009, kind: "shuttingDown", message: "the daemon is stopping", isRetryable: true)
    package static func protocolUnsupported(min: Int64, max: Int64) -> RPCError {
        RPCError(
            code: 1010, kind: "protocolUnsupported", message: "no common protocol version", isRetryable: false,
            details: ["supported": ["min": .integer(min), "max": .integer(max)]])
    }
    package static func profileNotFound(_ profile: String) -> RPCError {
        RPCError(
            code: 1011, kind: "profileNotFound", message: "no such profile; profile.list names them",
            isRetryable: false, details: ["profile": .string(profile.cut(toBytes: 128))])
    }
    package static func notSupported(provider: String, method: String) -> RPCError {
        RPCError(
            code: 1012, kind: "notSupported", message: "the profile's provider cannot do this", isRetryable: false,
            details: ["provider": .string(provider), "method": .string(method.cut(toBytes: 128))])
    }
    package static func misconfigured(reason: String) -> RPCError {
        RPCError(
            code: 1013, kind: "misconfigured", message: "the profile's settings are refused: \(reason)",
            isRetryable: false, details: ["reason": .string(reason)])
    }
    package static let challengeNotFound = RPCError(
        code: 1014, kind: "challengeNotFound", message: "no such challenge is open", isRetryable: false)
}

extension String {
    /// The longest prefix of whole characters (Unicode scalars) within that many UTF-8 bytes.
    package func cut(toBytes limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var end = utf8.index(utf8.startIndex, offsetBy: limit)
        while end > startIndex, end.samePosition(in: unicodeScalars) == nil { end = utf8.index(before: end) }
        return String(self[..<end])
    }
}
