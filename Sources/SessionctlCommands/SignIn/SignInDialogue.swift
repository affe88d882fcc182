import SessionClient
import SessionProtocol

/// A sign-in or sign-up from its first call to its end, over as many challenges as the provider sets.
struct SignInDialogue: Sendable {
    let conversation: Conversation
    /// `sessionDurationMinutes`, where one was asked for.
    let minutes: JSONValue?

    private static let longestWalk = 16
    private static let attempts = 3
    /// Params of the step itself: a complaint about them is not answered by asking the person.
    private static let own: Set<String> = ["profile", "method", "challenge", "sessionDurationMinutes", "timeoutMs"]

    /// Carries out `method` with `params` and the person's answers, then every challenge that follows.
    /// Returns the last result: `outcome` and `snapshot`.
    func begin(
        _ method: String, _ params: [String: JSONValue], _ answers: FormAnswers
    ) async throws(CommandFailure) -> JSONValue {
        try await finish(try await send(method, params, answers))
    }

    /// Answers challenges until there is none.
    func finish(_ result: JSONValue) async throws(CommandFailure) -> JSONValue {
        var result = result
        for _ in 0..<Self.longestWalk {
            guard result["outcome"]?.stringValue == "challenge" else { return result }
            guard let challenge = result["snapshot"]?["challenge"].flatMap(Challenge.init(json:)) else {
                throw .unreadableAnswer("session.answer")
            }
            result = try await step(challenge)
        }
        throw CommandFailure(
            kind: "unreadableAnswer", message: "the auth service sets one challenge after another",
            remedy: "start again with `sessionctl login`")
    }

    /// Asks for what the daemon misses, by the name in its complaint, until it is content.
    private func send(
        _ method: String, _ params: [String: JSONValue], _ answers: FormAnswers
    ) async throws(CommandFailure) -> JSONValue {
        var answers = answers
        for _ in 0..<Self.longestWalk {
            var all = params
            if let minutes { all["sessionDurationMinutes"] = minutes }
            for (name, value) in answers.values { all[name] = .string(value) }
            do {
                return try await conversation.call(method, all)
            } catch {
                guard error.kind == "invalidParams", let name = error.data["path"]?.stringValue, all[name] == nil,
                    !name.contains("."), !Self.own.contains(name)
                else { throw error }
                answers[name] = try conversation.ask(FormField(named: name))
            }
        }
        throw CommandFailure(kind: "unreadableAnswer", message: "the daemon asks for ever more fields")
    }

    private func step(_ challenge: Challenge) async throws(CommandFailure) -> JSONValue {
        let wanted = ChallengeWords.wanted(challenge)
        if challenge.kind == "device" {
            conversation.console.writeError("Enter \(wanted)\n")
            return try await DeviceWait(conversation: conversation, challenge: challenge).result()
        }
        if conversation.console.isInputTerminal { conversation.console.writeError("The sign-in needs \(wanted).\n") }
        var failure: CommandFailure?
        // A wrong answer leaves the challenge open under the same id; a script has no second answer to give.
        for _ in 0..<(conversation.console.isInputTerminal ? Self.attempts : 1) {
            do {
                return try await answer(challenge)
            } catch {
                guard error.kind == "upstreamRejected" else { throw error }
                conversation.remark("Not accepted: \(error.message)")
                failure = error
            }
        }
        throw failure ?? .unreadableAnswer("session.answer")
    }

    private func answer(_ challenge: Challenge) async throws(CommandFailure) -> JSONValue {
        var answers = FormAnswers()
        switch challenge.kind {
        case "otp": answers["code"] = try conversation.ask(.code)
        case "magicLink": answers["token"] = try conversation.ask(.token)
        case "passwordReset":
            // Once the password is set the token is spent, and what is left is to sign in.
            let isSet = challenge.details["passwordChanged"] == true
            if !isSet { answers["token"] = try conversation.ask(.token) }
            answers["password"] = try conversation.ask(isSet ? .password : .newPassword)
        case "organization": answers["organizationId"] = try choose("Organization", challenge, "organizations", "name")
        case "account": answers["accountId"] = try choose("Account", challenge, "accounts", "title")
        case "mfa", "primary":
            let factor = try chooseMethod(challenge)
            answers["method"] = factor
            switch factor {
            case "password": answers["password"] = try conversation.ask(.password)
            case "magic_link": answers["token"] = try conversation.ask(.token)
            default:
                // Naming the method without a code has one sent, where the factor is of that sort and none is on its
                // way yet.
                if Self.isSent(factor), challenge.details["sentTo"] == nil {
                    _ = try await send("session.answer", named(challenge), answers)
                }
                answers["code"] = try conversation.ask(.code)
            }
        default: break
        }
        return try await send("session.answer", named(challenge), answers)
    }

    private static func isSent(_ factor: String) -> Bool { factor.contains("otp") && factor != "totp" }

    private func named(_ challenge: Challenge) -> [String: JSONValue] { ["challenge": .string(challenge.id)] }

    private func chooseMethod(_ challenge: Challenge) throws(CommandFailure) -> String {
        let methods = challenge.details["methods"]?.arrayValue?.compactMap(\.stringValue) ?? []
        guard !methods.isEmpty else { return try conversation.ask(FormField("method", "Method")) }
        return try conversation.choose("Method", from: methods.map { .init(id: $0, title: $0) })
    }

    private func choose(
        _ question: String, _ challenge: Challenge, _ list: String, _ title: String
    ) throws(CommandFailure) -> String {
        let options = challenge.details[list]?.arrayValue?.compactMap { value -> Conversation.Option? in
            guard let id = value["id"]?.stringValue else { return nil }
            return Conversation.Option(id: id, title: value[title]?.stringValue ?? id)
        }
        return try conversation.choose(question, from: options ?? [])
    }
}
