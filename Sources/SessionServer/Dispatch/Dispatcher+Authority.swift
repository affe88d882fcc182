import SessionCore
import SessionProtocol

extension Dispatcher {
    /// Administration of the embedded authority. There is one for all embedded profiles, so `profile` only says for
    /// which of them the caller asks; left out, it need not be the default profile.
    func administer(_ call: Call) throws(DispatchError) -> Dispatched {
        let profile = call.params.string("profile")
        let serving = directory[profile ?? directory.defaultProfile]
        if let profile, serving == nil { throw .refused(.profileNotFound(profile)) }
        let isElsewhere = profile != nil && serving?.traits.name != "embedded"
        guard let authority, !isElsewhere else {
            throw .refused(.notSupported(provider: serving?.traits.name ?? "none", method: call.method.rawValue))
        }
        let params = call.params
        switch call.method {
        case .authorityUsers:
            return question(authority) { administration throws(AdministrationError) in
                .member("users", of: try administration.users())
            }
        case .authoritySessions:
            let username = params.string("username")
            return question(authority) { administration throws(AdministrationError) in
                .member("sessions", of: try administration.sessions(username: username))
            }
        case .authorityJwks:
            return question(authority) { administration throws(AdministrationError) in
                .member("keys", of: try administration.jwks())
            }
        case .authorityUserAdd:
            let username = try params.required(params.string("username"))
            let name = params.string("name")
            let access = params.access ?? [:]
            let password = try password(params)
            return userChange { () async throws(AdministrationError) in
                guard let password else { throw .invalidField(path: "password", expected: "8 to 1024 bytes") }
                return try await authority.administration.addUser(
                    username: username, password: password, name: name, access: access)
            }
        case .authorityUserUpdate:
            let username = try params.required(params.string("username"))
            let name = params.string("name")
            let access = params.access
            let disabled = params.values["disabled"]?.boolValue
            let password = try password(params)
            return userChange { () async throws(AdministrationError) in
                try await authority.administration.updateUser(
                    username: username, name: name, password: password, disabled: disabled, access: access)
            }
        case .authorityUserRemove:
            let username = try params.required(params.string("username"))
            return change(authority) { administration throws(AdministrationError) in
                try administration.removeUser(username: username)
                return [:]
            }
        case .authoritySessionRevoke:
            let id = try params.required(params.string("id"))
            return change(authority) { administration throws(AdministrationError) in
                try administration.revokeSession(id: id)
                return [:]
            }
        case .authorityGrant:
            let username = try params.required(params.string("username"))
            let minutes = Int(params.integer("expiresInMinutes") ?? 60)
            return change(authority) { administration throws(AdministrationError) in
                let token = try administration.grant(username: username, expiresInMinutes: minutes)
                return ["accessToken": .string(token.reveal())]
            }
        default: throw .incident("an administrative method has no code")
        }
    }

    /// An empty password is a password that is too short, not one that is left out.
    private func password(_ params: CheckedParams) throws(DispatchError) -> Secret? {
        guard let text = params.string("password") else { return nil }
        guard let password = Secret(text) else {
            throw .refused(.invalidParams(path: "password", expected: "8 to 1024 bytes"))
        }
        return password
    }

    private typealias Administering =
        @Sendable (any AuthorityAdministration) throws(AdministrationError) -> JSONValue

    private func question(_ authority: AuthorityDesk, _ run: @escaping Administering) -> Dispatched {
        .slow(SlowCall { await authority.blocking(run) })
    }

    private func change(_ authority: AuthorityDesk, _ run: @escaping Administering) -> Dispatched {
        .slow(SlowCall(isChange: true) { await authority.blocking(run) })
    }

    private func userChange(
        _ run: @escaping @Sendable () async throws(AdministrationError) -> JSONValue
    ) -> Dispatched {
        .slow(
            SlowCall(isChange: true) {
                do throws(AdministrationError) { return .result(["user": try await run()]) } catch {
                    return .failed(.administration(error))
                }
            })
    }
}

extension CheckedParams {
    fileprivate var access: [String: String]? { values["access"]?.objectValue?.compactMapValues(\.stringValue) }
}

extension JSONValue {
    fileprivate static func member(_ name: String, of elements: [JSONValue]) -> JSONValue {
        .object([name: .array(elements)])
    }
}
