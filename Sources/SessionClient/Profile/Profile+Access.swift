public import SessionProtocol

/// Whether something is allowed, and how old that knowledge is.
public struct AccessAnswer: Sendable, Hashable {
    /// Whether the user may.
    public let isAllowed: Bool
    /// When the provider last confirmed the user's access, in Unix milliseconds.
    public let lastValidatedAt: Int64?
}

extension SessionClient.Profile {
    /// Whether the user may do what a requirement says, such as `reports:r`. False while signed out, but for `*`.
    public func isAllowed(_ requirement: String) async throws(SessionError) -> Bool {
        try await access(to: requirement).isAllowed
    }

    /// Whether the user may do that to that resource.
    public func isAllowed(action: String, on resource: String) async throws(SessionError) -> Bool {
        try await check(["resource": .string(resource), "action": .string(action)]).isAllowed
    }

    /// As `isAllowed`, with the age of the answer.
    public func access(to requirement: String) async throws(SessionError) -> AccessAnswer {
        try await check(["required": .string(requirement)])
    }

    /// The alerts that the user may see, most urgent first, as the provider has them.
    public func alerts() async throws(SessionError) -> [JSONValue] {
        try await call("alerts.list").required("alerts", \.arrayValue)
    }

    private func check(_ question: [String: JSONValue?]) async throws(SessionError) -> AccessAnswer {
        let reply = try await call("access.check", question)
        return AccessAnswer(
            isAllowed: try reply.bool("allowed"), lastValidatedAt: reply.json["lastValidatedAt"]?.integerValue)
    }
}
