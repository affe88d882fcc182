package import SessionCore
package import SessionProtocol

/// A profile's way to the authority inside the daemon (docs/protocol.md, section 8, Embedded).
///
/// A provider like the others: what it knows of a session is the token that the keeper hands in.
package struct EmbeddedProvider: SessionProvider {
    package let traits: ProviderTraits
    private let authority: EmbeddedAuthority
    private let allowsSignUp: Bool
    private let origin = HintBoard.Origin()

    /// - Parameter allowsSignUp: the profile's `allowSignUp`.
    package init(authority: EmbeddedAuthority, allowsSignUp: Bool = true) {
        self.authority = authority
        self.allowsSignUp = allowsSignUp
        var traits = ProviderTraits(
            name: "embedded", objects: ["session", "user", "access"],
            operations: [
                .signUp, .exchangeAccessToken, .extend, .listSessions, .revokeOthers, .revokeAll, .revokeByID,
                .fetchUser, .updateUser, .headers, .accessCheck, .update,
            ])
        traits.bookkeepingMembers = ["session": ["lastSeenAt"]]
        traits.signInMethods = ["password": FieldSet(required: ["username", "password"])]
        traits.signUpMethods = ["password": FieldSet(required: ["username", "password"], optional: ["name"])]
        traits.rechecksYoungSessions = false
        traits.defaultDurationMinutes = 60
        traits.maximumTokenValidityMs = SessionSigner.validityMs
        self.traits = traits
    }

    package func validate(_ session: ProviderSession) async -> ProviderOutcome {
        guard let token = session.tokens.sessionToken else { return .ended(.endedElsewhere) }
        return await confirming { () throws(AuthorityError) in
            try await authority.validate(token: token, heldEnd: session.expiresAt)
        }
    }

    package func change(_ change: SessionChange, session: ProviderSession?) async -> ProviderOutcome {
        switch change {
        case .signIn("password", let fields, let minutes):
            guard let username = fields["username"] else { return .missing("username") }
            return await confirming { () throws(AuthorityError) in
                try await authority.signIn(
                    username: username, password: Secret(fields["password"]), minutes: minutes)
            }
        case .signUp("password", let fields, let minutes):
            guard allowsSignUp else { return ProviderOutcome(.rejected(.signUpDisabled)) }
            guard let username = fields["username"] else { return .missing("username") }
            return await confirming { () throws(AuthorityError) in
                try await authority.signUp(
                    username: username, password: Secret(fields["password"]), name: fields["name"], minutes: minutes)
            }
        case .signIn, .signUp:
            return .invalidField(path: "method", expected: "password")
        case .exchange(let accessToken, let minutes):
            return await confirming { () throws(AuthorityError) in
                try await authority.exchange(grant: accessToken, minutes: minutes)
            }
        case .extend(let minutes):
            guard let session, let token = session.tokens.sessionToken else { return .ended(.endedElsewhere) }
            return await confirming { () throws(AuthorityError) in
                try await authority.extend(
                    token: token, heldEnd: session.expiresAt, minutes: minutes, from: origin)
            }
        case .answer, .exchangeOrganization, .lock, .unlock, .switchAccount:
            return .notSupported
        }
    }

    package func revoke(_ target: RevocationTarget, session: ProviderSession) async -> RevocationOutcome {
        do throws(AuthorityError) {
            guard let token = session.tokens.sessionToken else { throw .ended(.endedElsewhere) }
            try await authority.revoke(target, token: token, heldEnd: session.expiresAt, from: origin)
            return .confirmed
        } catch {
            return RevocationOutcome(error, target: target)
        }
    }

    package func listSessions(_ session: ProviderSession) async -> QueryOutcome<[ListedSession]> {
        do throws(AuthorityError) {
            let (own, all, _) = try await known(session)
            return .answer(
                all.map { record in
                    ListedSession(
                        id: record.id, isCurrent: record.id == own.id, createdAt: record.startedAt, userAgent: nil,
                        value: record.json)
                })
        } catch {
            return QueryOutcome(error)
        }
    }

    package func fetchUser(_ session: ProviderSession) async -> QueryOutcome<JSONValue> {
        do throws(AuthorityError) {
            return .answer(try await known(session).user.json)
        } catch {
            return QueryOutcome(error)
        }
    }

    /// `Authorization: Bearer` with the session JWT, else the session token.
    package func headers(for session: ProviderSession) -> [String: Secret]? {
        guard let credential = session.tokens.sessionJwt ?? session.tokens.sessionToken,
            let value = Secret("Bearer \(credential.reveal())")
        else { return [:] }
        return ["Authorization": value]
    }

    package func allows(_ question: AccessQuestion, objects: [String: JSONValue]) -> Bool {
        AccessGrammar(access: objects["access"]).allows(question)
    }

    package var hints: AsyncStream<ProviderHint>? { authority.board.hints(for: origin) }

    private func known(
        _ session: ProviderSession
    ) async throws(AuthorityError) -> (own: SessionRecord, all: [SessionRecord], user: UserRecord) {
        guard let token = session.tokens.sessionToken else { throw .ended(.endedElsewhere) }
        return try await authority.sessions(token: token, heldEnd: session.expiresAt)
    }

    private func confirming(
        _ call: () async throws(AuthorityError) -> IssuedSession
    ) async -> ProviderOutcome {
        do throws(AuthorityError) {
            return .confirmed(Confirmation(try await call()))
        } catch {
            return ProviderOutcome(error)
        }
    }
}

extension ProviderOutcome {
    fileprivate static func missing(_ field: String) -> ProviderOutcome {
        .invalidField(path: field, expected: "a string")
    }
}
