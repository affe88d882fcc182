package import SessionProtocol

extension ProfileMachine {
    /// A sign-in, sign-up, exchange or answer has succeeded. A step-up goes on with the session that is held; false
    /// where that has ended meanwhile: it must not come back.
    package mutating func signedIn(
        _ confirmation: Confirmation, since generation: UInt64, at now: Moment, dice: Double
    ) -> Bool {
        if confirmation.isStepUp, generation != self.generation { return false }
        self.generation += 1
        let isStepUp = confirmation.isStepUp && held != nil
        var session =
            (isStepUp ? held : nil)
            ?? HeldSession(tokens: TokenSet(), objects: lastingObjects, standing: .active, beganAt: now.wall)
        take(confirmation, into: &session, at: now)
        tenure = .held(session)
        cause = Cause(isStepUp ? .updated : .signedIn, at: now.wall)
        pending = nil
        if !isStepUp { isDetached = false }
        confirmedNow(at: now, dice: dice)
        elapse(to: now)
        return true
    }

    /// A change of the held session has been carried out by the provider. Where the session has gone or was replaced
    /// meanwhile, the answer is about another one and is dropped.
    package mutating func changed(
        _ confirmation: Confirmation, cause kind: Cause.Kind, since generation: UInt64, at now: Moment, dice: Double
    ) {
        elapse(to: now)
        guard generation == self.generation, var session = held else { return }
        self.generation += 1
        take(confirmation, into: &session, at: now)
        tenure = .held(session)
        cause = Cause(kind, at: now.wall)
        confirmedNow(at: now, dice: dice)
        elapse(to: now)
    }

    /// A sign-in needs another step. It replaces a challenge that was open.
    ///
    /// - Parameter minutes: how long the session shall last where the steps that follow do not say.
    package mutating func challenged(_ challenge: PendingChallenge, minutes: Int? = nil, at now: Moment) {
        pending = challenge
        pendingMinutes = minutes
        pendingSince = now.wall
        if case .vacant = tenure { isDetached = false }
    }

    /// Tokens from elsewhere: held at once, confirmed by the heartbeat that comes at once.
    package mutating func handedIn(_ handedIn: HandedInSession, tokens: TokenSet, at now: Moment) {
        generation += 1
        var objects = lastingObjects
        if let session = handedIn.session { objects["session"] = HeldObject(value: session.withoutCredentials) }
        if let user = handedIn.user { objects["user"] = HeldObject(value: user.withoutCredentials) }
        tenure = .held(
            HeldSession(
                tokens: tokens, objects: objects.filter { settings.traits.objects.contains($0.key) },
                standing: .unverified,
                beganAt: now.wall))
        cause = Cause(.updated, at: now.wall)
        isDetached = false
        heartbeat.reset()
        heartbeat.schedule(after: 0, at: now)
    }

    /// Replaces the user object until the provider's next answer brings one. False where no session is held.
    package mutating func userReplaced(_ user: JSONValue, at now: Moment) -> Bool {
        guard var session = held else { return false }
        // An answer on its way still counts but for its user: dropped whole, a token that it brings would be lost.
        userAnswers += 1
        session.objects["user"] = HeldObject(
            value: user.withoutCredentials, lastValidatedAt: session.objects["user"]?.lastValidatedAt)
        tenure = .held(session)
        cause = Cause(.updated, at: now.wall)
        return true
    }

    /// The provider has been asked for the user alone.
    package mutating func userFetched(_ user: JSONValue, _ ticket: QuestionTicket, at now: Moment) {
        guard ticket.generation == generation, ticket.userAnswers == userAnswers, var session = held else { return }
        userAnswers += 1
        let isChange = settings.traits.isChange(of: "user", from: session.objects["user"]?.value, to: user)
        session.objects["user"] = HeldObject(value: user, lastValidatedAt: now.wall)
        tenure = .held(session)
        if isChange { cause = Cause(.validated, at: now.wall) }
    }

    /// What an answer says beside what was asked. What was asked with tokens that it replaces is still about this
    /// session.
    package mutating func heard(_ news: SessionNews, since generation: UInt64) {
        if let challenge = news.challenge, challenge.challenge.id == pending?.challenge.id { pending = challenge }
        guard generation == self.generation, let tokens = news.tokens, !tokens.isEmpty, var session = held else {
            return
        }
        handOver(tokens, ofQueuedFor: session)
        session.tokens = tokens
        tenure = .held(session)
    }

    /// A client ended the local session. The open challenge goes with it.
    package mutating func invalidated(at now: Moment) {
        pending = nil
        if held != nil { end(.invalidated, at: now) }
    }

    /// A client had the stored state deleted: the session lives on in memory alone.
    package mutating func cleared(at now: Moment) {
        isDetached = true
        switch tenure {
        case .held: cause = Cause(.cleared, at: now.wall)
        case .vacant(var departure):
            departure.cause = Cause(.cleared, at: now.wall)
            tenure = .vacant(departure)
        case .loading, .sealed: break
        }
    }

    private mutating func confirmedNow(at now: Moment, dice: Double) {
        heartbeat.reset()
        heartbeat.status.lastAttemptAt = now.wall
        heartbeat.status.lastSuccessAt = now.wall
        heartbeat.schedule(after: settings.heartbeat.regularDelay(dice: dice), at: now)
    }
}

extension JSONValue {
    private static let credentialNames: Set<String> = [
        "token", "jwt", "session_token", "session_jwt", "sessionToken", "sessionJwt", "access_token", "accessToken",
        "id_token", "idToken", "refresh_token", "refreshToken", "password", "password_hash", "passwordHash",
    ]

    /// What clients may see of an object that came from a client: whoever reads it need not be allowed the token.
    fileprivate var withoutCredentials: JSONValue {
        switch self {
        case .object(let members):
            .object(
                members.filter { name, value in value.stringValue == nil || !Self.credentialNames.contains(name) }
                    .mapValues(\.withoutCredentials))
        case .array(let elements): .array(elements.map(\.withoutCredentials))
        case .null, .bool, .integer, .number, .string: self
        }
    }
}
