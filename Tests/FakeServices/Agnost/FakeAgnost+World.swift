package import SessionProtocol

/// Filling the world.
extension FakeAgnost {
    /// What a grant was made for.
    package enum Grant: Sendable, Hashable {
        case magicLink, emailSignIn, oauthSignUp, oauthSignIn
        /// No sign-in comes of it: 401 `invalid_token_type`.
        case resetPassword

        var action: AgnostTicket.Action {
            switch self {
            case .magicLink: .magicLink
            case .emailSignIn: .emailSignIn
            case .oauthSignUp: .oauthSignUp
            case .oauthSignIn: .oauthSignIn
            case .resetPassword: .resetPassword
            }
        }
    }

    /// The user's id as text. `fields` are the app's own, and replace the usual ones.
    @discardableResult
    package func addUser(
        email: String? = nil, phone: String? = nil, password: String? = nil, name: String? = nil,
        isVerified: Bool = true, fields: [String: JSONValue] = [:]
    ) -> String {
        stage.change { service, now in
            var row: [String: JSONValue] = [:]
            if let email {
                row["email"] = .string(email)
                row["emailVerified"] = .bool(isVerified)
            }
            if let phone {
                row["phone"] = .string(phone)
                row["phoneVerified"] = .bool(isVerified)
            }
            if let name { row["name"] = .string(name) }
            row.merge(fields) { _, own in own }
            return service.world.addUser(row, password: password, ids: service.choices.ids, now: now).id
        }
    }

    /// A grant that auth/grant takes once, as a browser brings it back from a sign-in.
    package func addGrant(_ grant: Grant = .oauthSignIn, for userID: String) -> String {
        stage.change { service, now in
            service.world.issue(
                .grant, to: "", grant.action, userID, expiresAt: now + service.choices.grantLifetime)
        }
    }

    /// The token of a session that was made elsewhere.
    @discardableResult
    package func openSession(of userID: String, userAgent: String? = "elsewhere/1") -> String {
        stage.change { service, now in
            service.world.open(userID, userAgent: userAgent, choices: service.choices, now: now).token
        }
    }
}
