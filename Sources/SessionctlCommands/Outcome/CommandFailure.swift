import SessionClient
package import SessionProtocol

/// Why a verb did not do what it was asked. `remedy` says what to do next, as a command where there is one.
package struct CommandFailure: Error, Sendable, Hashable {
    /// An error kind of docs/protocol.md, section 3, or `unavailable`, `usage`, `input`, `output`, `unreadableAnswer`.
    package let kind: String
    package let message: String
    package let remedy: String?
    /// Members of the daemon's `data`, `kind` and `retryable` included where it sent them.
    package let data: [String: JSONValue]
    package let status: ExitStatus

    package init(
        kind: String, message: String, remedy: String? = nil, data: [String: JSONValue] = [:],
        status: ExitStatus? = nil
    ) {
        self.kind = kind
        self.message = message
        self.remedy = remedy
        self.data = data
        self.status = status ?? ExitStatus(errorKind: kind)
    }
}

extension CommandFailure {
    /// An error of the daemon or of the connection; `now` in Unix milliseconds.
    init(_ error: SessionError, now: Int64) {
        let kind = error.kind.rawValue
        // A daemon that does not know a param is of another version: nothing that the person typed is wrong.
        let isVersionMismatch = kind == "invalidParams" && error.data["unknown"] != nil
        self.init(
            kind: kind, message: error.message, remedy: Remedy.sentence(kind: kind, data: error.data, now: now),
            data: error.data, status: isVersionMismatch ? .failed : nil)
    }

    /// The command line, or a value on it, is wrong.
    static func usage(_ message: String, remedy: String? = nil) -> CommandFailure {
        CommandFailure(kind: "usage", message: message, remedy: remedy)
    }

    /// The daemon answered something that this version cannot read.
    static func unreadableAnswer(_ method: String) -> CommandFailure {
        CommandFailure(
            kind: "unreadableAnswer", message: "the answer to \(method) has a form that this version does not know",
            remedy: "update sessionctl to the daemon's version, or read the answer with --json")
    }

    /// One line for people: what happened, and what to do.
    package func line(style: Style) -> String {
        let dash = style.unicode ? "—" : "-"
        let words = [message, remedy].compactMap { $0 }.joined(separator: " \(dash) ")
        return "\(style.paint("sessionctl:", .red)) \(Printable.escape(words))\n"
    }

    /// One line for programs.
    package var json: JSONValue {
        var members: [String: JSONValue] = ["kind": .string(kind), "message": .string(message), "data": .object(data)]
        if let remedy { members["remedy"] = .string(remedy) }
        return ["error": .object(members)]
    }
}
