import SessionCore
import SessionProtocol

extension Dispatcher {
    /// Sign-in, its further steps, sign-up and exchange: the provider names the fields.
    func signIn(_ call: Call, to serving: any ProfileServing) throws(DispatchError) -> Dispatched {
        let params = call.params
        let minutes = params.minutes
        let expect = params.expectation
        switch call.method {
        case .sessionSignIn:
            let method = try params.required(params.string("method"))
            let fields = try fields(call, of: method, in: serving.traits.signInMethods, serving)
            return step(call, serving) { () async throws(KeeperError) in
                try await serving.signIn(method: method, fields: fields, durationMinutes: minutes, expect: expect)
            }
        case .sessionSignUp:
            try require(.signUp, call, of: serving)
            let method = try params.required(params.string("method"))
            let fields = try fields(call, of: method, in: serving.traits.signUpMethods, serving)
            return step(call, serving) { () async throws(KeeperError) in
                try await serving.signUp(method: method, fields: fields, durationMinutes: minutes, expect: expect)
            }
        case .sessionAnswer: return try answer(call, to: serving)
        case .sessionExchange: return try exchange(call, of: serving)
        default: throw .incident("a sign-in has no code")
        }
    }

    private func answer(_ call: Call, to serving: any ProfileServing) throws(DispatchError) -> Dispatched {
        let params = call.params
        let minutes = params.minutes
        let expect = params.expectation
        let challenge = try params.required(params.string("challenge"))
        let snapshot = serving.publication.snapshot
        if snapshot.phase == .sealed { throw .refused(.keyUnavailable) }
        guard let open = snapshot.challenge, open.id == challenge else { throw .refused(.challengeNotFound) }
        guard let fieldSet = serving.traits.challengeAnswers[open.kind] else { throw unsupported(call, by: serving) }
        let fields = try checked(params.extra, fieldSet)
        return step(call, serving) { () async throws(KeeperError) in
            try await serving.answer(challenge: challenge, fields: fields, durationMinutes: minutes, expect: expect)
        }
    }

    private func exchange(_ call: Call, of serving: any ProfileServing) throws(DispatchError) -> Dispatched {
        let params = call.params
        let minutes = params.minutes
        let expect = params.expectation
        switch (params.secret("accessToken"), params.string("organizationId")) {
        case (let accessToken?, nil):
            try require(.exchangeAccessToken, call, of: serving)
            return step(call, serving) { () async throws(KeeperError) in
                try await serving.exchange(accessToken: accessToken, durationMinutes: minutes, expect: expect)
            }
        case (nil, let organization?):
            try require(.exchangeOrganization, call, of: serving)
            return step(call, serving) { () async throws(KeeperError) in
                try await serving.exchange(organizationID: organization, durationMinutes: minutes, expect: expect)
            }
        case (nil, nil):
            throw .refused(.invalidParams(path: "accessToken", expected: "accessToken or organizationId"))
        default:
            throw .refused(.invalidParams(path: "organizationId", expected: "no organizationId beside accessToken"))
        }
    }

    /// A word that some provider knows is `notSupported` where this one does not; any other word is a mistake.
    private static let knownWords: Set<String> = [
        "password", "otp", "magicLink", "totp", "recoveryCode", "discovery", "code", "passwordReset", "device",
        "browser", "account", "verifyPhone",
    ]

    private func fields(
        _ call: Call, of method: String, in methods: [String: FieldSet], _ serving: any ProfileServing
    ) throws(DispatchError) -> SignInFields {
        if let set = methods[method] { return try checked(call.params.extra, set) }
        guard !Self.knownWords.contains(method) else { throw unsupported(call, by: serving) }
        let expected = methods.keys.sorted().joined(separator: ", ")
        throw .refused(.invalidParams(path: "method", expected: "one of \(expected)"))
    }

    private func checked(_ values: [String: JSONValue], _ set: FieldSet) throws(DispatchError) -> SignInFields {
        let params =
            set.required.sorted().map { MethodParam($0, .text, required: true, sensitive: true, "") }
            + set.optional.sorted().map { MethodParam($0, .string(0...65_536), sensitive: true, "") }
            + set.objects.sorted().map { MethodParam($0, .anyObject, sensitive: true, "") }
        do { try ParamType.check(values, against: params) } catch { throw .refused(error) }
        return SignInFields(values: values)
    }

    private func step(
        _ call: Call, _ serving: any ProfileServing,
        _ run: @escaping @Sendable () async throws(KeeperError) -> SignInResult
    ) -> Dispatched {
        let method = call.method
        let provider = serving.traits.name
        return .slow(
            SlowCall(timeoutMs: call.params.timeoutMs, isChange: true, entersKeeper: true) {
                do throws(KeeperError) {
                    let result = try await run()
                    var writer = JSONWriter(capacity: result.publication.encoded.count + 64)
                    writer.beginObject()
                    writer.name("outcome")
                    writer.string(result.outcome.rawValue)
                    writer.name("snapshot")
                    writer.raw(result.publication.encoded)
                    writer.endObject()
                    return .encoded(writer.bytes)
                } catch {
                    return .failed(.keeper(error, provider: provider, method: method))
                }
            })
    }
}
