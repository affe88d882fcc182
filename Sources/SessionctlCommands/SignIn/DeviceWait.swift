import SessionProtocol

/// Waits while the person signs in on another device: the daemon polls, the snapshot changes.
struct DeviceWait: Sendable {
    let conversation: Conversation
    let challenge: Challenge

    /// The result as `session.answer` would give it, once the challenge is no longer open.
    func result() async throws(CommandFailure) -> JSONValue {
        do {
            for try await snapshot in conversation.changes(of: conversation.profile)
            where snapshot.challenge?.id != challenge.id {
                if snapshot.challenge != nil { return ["outcome": "challenge", "snapshot": snapshot.json] }
                guard snapshot.phase.isSignedIn else { break }
                return ["outcome": "signedIn", "snapshot": snapshot.json]
            }
        } catch {
            throw conversation.failure(error)
        }
        throw CommandFailure(
            kind: "notSignedIn", message: "the sign-in on the other device was not completed",
            remedy: "start again with `sessionctl login`")
    }
}
