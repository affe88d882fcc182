import SessionCore
import SessionProtocol

/// Turns a request into an answer or a call: looks up, asks for permission, checks, and only then acts.
///
/// A value that is made anew for each reload; lives on the event loop.
struct Dispatcher {
    var directory: ProfileDirectory
    var authority: AuthorityDesk?
    let environment: ServerEnvironment
    let limits: Limits
    let discovery: [UInt8]
    var isDraining = false

    init(
        directory: ProfileDirectory, authority: AuthorityDesk?, environment: ServerEnvironment, limits: Limits
    ) {
        self.directory = directory
        self.authority = authority
        self.environment = environment
        self.limits = limits
        self.discovery = OpenRPCDocument.make(version: environment.version).encoded
    }

    /// A request with what was found out about it.
    struct Call {
        let method: Method
        let params: CheckedParams
        let grants: Grants
    }

    func dispatch(_ request: Request, grants: Grants, status: () -> ServerFigures) throws(DispatchError) -> Dispatched {
        guard let descriptor = MethodDescriptor.named[request.method] else {
            throw .refused(.methodNotFound(request.method))
        }
        // The permission comes first and for the name as given: whoever may not read a profile does not learn whether
        // it exists.
        let profile = request.params["profile"]?.stringValue ?? directory.defaultProfile
        try permit(descriptor, request, profile: profile, grants: grants)
        if isDraining, descriptor.traits.contains(.change) { throw .refused(.shuttingDown) }
        let extra: [String: JSONValue]
        do { extra = try descriptor.check(request.params) } catch { throw .refused(error) }
        let params = CheckedParams(values: request.params, extra: extra)
        let call = Call(method: descriptor.method, params: params, grants: grants)
        switch descriptor.method {
        case .serverHello, .serverPing, .serverHealth, .serverCancel, .discover, .sessionUnwatch:
            return try serve(call)
        case .serverStatus: return serverStatus(call, figures: status())
        case .profileList: return profileList(call)
        case .authorityUsers, .authorityUserAdd, .authorityUserUpdate, .authorityUserRemove, .authoritySessions,
            .authoritySessionRevoke, .authorityGrant, .authorityJwks:
            return try administer(call)
        case .sessionWatch where params.bool("all"):
            return try watchAll(call)
        default: break
        }
        guard let serving = directory[profile] else { throw .refused(.profileNotFound(profile)) }
        switch descriptor.method {
        case .sessionGet, .userGet, .accessCheck, .alertsList, .sessionWatch, .sessionWait:
            return try read(call, from: serving)
        case .sessionToken, .sessionHeaders:
            return try credentials(call, from: serving)
        case .sessionList, .userFetch, .accountList:
            return try query(call, of: serving)
        case .sessionSignIn, .sessionAnswer, .sessionSignUp, .sessionExchange:
            return try signIn(call, to: serving)
        default:
            return try change(call, of: serving)
        }
    }

    private func permit(
        _ descriptor: MethodDescriptor, _ request: Request, profile: String, grants: Grants
    ) throws(DispatchError) {
        guard let needs = descriptor.needs else { return }
        let concernsOne =
            descriptor.traits.contains(.profile)
            && !(descriptor.method == .sessionWatch && request.params["all"] == true)
        let isAllowed =
            concernsOne ? grants.allows(needs, profile: profile) : grants.allowsSomewhere(needs)
        if !isAllowed { throw .refused(.permissionDenied(needs: needs.rawValue)) }
    }

    /// Whether the provider can do it; else `notSupported`.
    func require(
        _ operation: ProviderOperation, _ call: Call, of serving: any ProfileServing
    ) throws(DispatchError) {
        guard serving.traits.operations.contains(operation) else { throw unsupported(call, by: serving) }
    }

    func unsupported(_ call: Call, by serving: any ProfileServing) -> DispatchError {
        .refused(.notSupported(provider: serving.traits.name, method: call.method.rawValue))
    }

    /// Answers from the published state; where time has overtaken it, asks the keeper to settle first.
    func fromPublication(
        of serving: any ProfileServing, _ answer: @escaping @Sendable (Publication) -> Answer
    ) -> Dispatched {
        .read(
            StandingRead { now in
                let publication = serving.publication
                return publication.isCurrent(at: now) ? answer(publication) : nil
            } slow: {
                SlowCall { answer(await serving.settle()) }
            })
    }
}

/// What only the server's loop knows of `server.status`.
struct ServerFigures {
    var connections: Int
    var subscriptions: Int
    var counters: ServerCounters
}
