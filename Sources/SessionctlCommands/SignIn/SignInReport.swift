import SessionProtocol

/// What came of a sign-in, for people.
enum SignInReport {
    /// `verb` words the success, such as "Signed in".
    static func text(_ result: JSONValue, _ verb: String, in conversation: Conversation) throws(CommandFailure)
        -> String
    {
        if result["outcome"]?.stringValue == "confirmationNeeded" {
            return "The account was made. Confirm it by the message that was sent, then `sessionctl login`.\n"
        }
        guard let snapshot = result["snapshot"].flatMap(Snapshot.init(json:)) else {
            throw .unreadableAnswer("session.signIn")
        }
        let now = conversation.now()
        let style = conversation.style
        let person = Person.named(in: snapshot.objects).map { " as \(style.paint($0, .bold))" } ?? ""
        let end = snapshot.expiresAt.map {
            "; ends \(TimeWords.until($0, now: now)) (\(style.localTime.near($0, now: now)))"
        }
        return "\(verb)\(person) on profile \(Printable.escape(snapshot.profile))\(end ?? "").\n"
    }
}
