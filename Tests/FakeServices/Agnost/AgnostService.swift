package import SessionProtocol

/// The service as a value: a request and the time go in, an answer comes out.
package struct AgnostService: FakeService {
    let environment: String
    let apiKey: String
    let prefix: String
    var choices = FakeAgnostChoices()
    var world: AgnostWorld

    init(environment: String, apiKey: String, prefix: String, seed: UInt32) {
        self.environment = environment
        self.apiKey = apiKey
        self.prefix = prefix
        world = AgnostWorld(environment: environment, seed: seed)
    }

    package mutating func answer(_ request: FakeRequest, now: Int64) -> FakeAnswer {
        do throws(AgnostFault) {
            return try serve(try admit(request, now: now)).answer
        } catch {
            return error.answer
        }
    }

    package func refusal(
        _ code: String, status: Int?, details: [String: JSONValue], to request: FakeRequest
    ) -> FakeAnswer {
        var fault = AgnostFault.of(code)
        if let status { fault.status = status }
        fault.details = details
        return fault.answer
    }

    package func payloadPlace(in body: JSONValue) -> [String] { [] }

    package func errorCode(in body: JSONValue) -> String? {
        (body.value(at: "errors.0.code") ?? body["code"])?.stringValue
    }

    private mutating func serve(_ call: AgnostCall) throws(AgnostFault) -> AgnostReply {
        switch call.endpoint {
        case .ping: return .text("pong")
        case .health: return .text("healthy")
        case .signUpEmail: return try signUpEmail(call)
        case .signInEmail: return try signInEmail(call)
        case .sendMagic: return try sendMail(call, .magicLink)
        case .sendReset: return try sendMail(call, .resetPassword)
        case .resend: return try sendMail(call, .confirmEmail)
        case .resetPassword: return try resetPassword(call)
        case .verify: return try verify(call)
        case .grant: return try grant(call)
        case .signUpPhone: return try signUpPhone(call)
        case .signInPhone: return try signInPhone(call)
        case .sendCode: return try sendCode(call, .signIn)
        case .sendResetCode: return try sendCode(call, .resetPassword)
        case .resendCode: return try sendCode(call, .confirmPhone)
        case .signInCode: return try signInCode(call)
        case .verifyPhone: return try verifyPhone(call)
        case .resetPasswordCode: return try resetPasswordCode(call)
        case .signOut: return try signOut(call)
        case .signOutAll: return try signOutAll(call)
        case .signOutAllExcept: return try signOutAllExcept(call)
        case .sessions: return try sessions(call)
        case .user: return .json(.object(try signedIn(call).shown))
        case .changePassword: return try changePassword(call)
        case .changeEmail: return try changeEmail(call)
        case .changePhone: return try changePhone(call)
        }
    }
}
