import FoundationEssentials
import SessionProtocol

extension StytchService {
    /// Lets a request in, or says why not: content type, authorization, app, body, in this order.
    func admit(_ request: FakeRequest, now: Int64) throws(StytchFault) -> StytchCall {
        let isSDK = request.path.hasPrefix("/sdk/v1/")
        guard isSDK || request.path.hasPrefix("/v1/") else { throw .of("route_not_found") }
        let path = String(request.path.dropFirst(isSDK ? 8 : 4))
        try checkContentType(request, isSDK: isSDK)
        var bearer: String?
        if isSDK {
            bearer = try publicAuthorization(request)
            try checkClient(request)
            guard !choices.disabledForSDK.contains(path) else { throw .of("endpoint_not_authorized_for_sdk") }
        } else if !isKeySet(path) {
            try checkSecret(request)
        }
        let call = StytchCall(
            mode: isSDK ? .sdk : .server, verb: request.verb, path: path, query: request.query,
            body: try body(of: request, path), bearer: bearer, userAgent: request.headers["user-agent"] ?? "", now: now)
        if isSDK { try checkCaptcha(call) }
        return call
    }

    /// The JWKS need no authorization.
    private func isKeySet(_ path: String) -> Bool {
        path.hasPrefix("sessions/jwks/") || path.hasPrefix("b2b/sessions/jwks/")
    }

    private func checkContentType(_ request: FakeRequest, isSDK: Bool) throws(StytchFault) {
        let type = request.headers["content-type"]
        if type == nil, request.verb == "GET" { return }
        // The server side's own readiness for parameters is not known: it is lenient here.
        let isRight = isSDK ? type == "application/json" : type?.hasPrefix("application/json") == true
        guard isRight else {
            throw .of("bad_request", "Content-Type must be application/json, not \(type ?? "missing").")
        }
    }

    /// The session token in it, nil for the public token on both sides.
    private func publicAuthorization(_ request: FakeRequest) throws(StytchFault) -> String? {
        guard let (user, password) = StytchBasic.read(request.headers["authorization"]) else {
            throw .of("unauthorized_credentials", "There is no Basic authorization.")
        }
        guard StytchBasic.isPublicToken(user) else { throw .of("invalid_public_token_id") }
        guard user == project.publicToken else { throw .of("public_token_not_found") }
        return password == user ? nil : password
    }

    private func checkSecret(_ request: FakeRequest) throws(StytchFault) {
        guard let (user, password) = StytchBasic.read(request.headers["authorization"]) else {
            throw .of(choices.whenWrongSecret, "There is no Basic authorization.")
        }
        guard user.hasPrefix("project-test-") || user.hasPrefix("project-live-") else {
            throw .of("invalid_project_id_authentication")
        }
        guard user == project.projectID else { throw .of("project_not_found") }
        guard password == project.secret else { throw .of(choices.whenWrongSecret) }
    }

    private func checkClient(_ request: FakeRequest) throws(StytchFault) {
        guard let client = StytchBasic.client(request.headers["x-sdk-client"]) else {
            throw .of("bad_request", "X-SDK-Client is not base64 of a JSON object.")
        }
        for part in ["sdk", "app", "os"] where client[part]?["identifier"]?.stringValue == nil {
            throw .of("bad_request", "X-SDK-Client has no \(part).identifier.")
        }
        guard client["device"]?.objectValue != nil else { throw .of("bad_request", "X-SDK-Client has no device.") }
        if let registered = project.appIdentifier, client["app"]?["identifier"]?.stringValue != registered {
            throw .of("bad_app_bundle_for_stytch_sdk", "Add it in dashboard/sdk-configuration.")
        }
    }

    private func body(of request: FakeRequest, _ path: String) throws(StytchFault) -> StytchPayload {
        if request.body.isEmpty { return [:] }
        guard let json = request.json else { throw .of("bad_request", "The body is no JSON.") }
        if path == "events", json.arrayValue != nil { return [:] }
        guard let members = json.objectValue else {
            throw .schema(keyword: "type", member: "", message: "should be object")
        }
        return members
    }

    private func checkCaptcha(_ call: StytchCall) throws(StytchFault) {
        let logins = ["passwords", "otps/", "magic_links/", "totp", "recovery_codes/"]
        let path = call.path.hasPrefix("b2b/") ? String(call.path.dropFirst(4)) : call.path
        guard choices.captcha != .off, logins.contains(where: path.hasPrefix), call.optional("captcha_token") == nil
        else { return }
        throw choices.captcha == .error ? .of("captcha_required") : .plain("Captcha required", status: 403)
    }
}

/// Reads the headers that carry base64.
enum StytchBasic {
    static func read(_ header: String?) -> (user: String, password: String)? {
        guard let header, header.hasPrefix("Basic "), let data = Data(base64Encoded: String(header.dropFirst(6))),
            let text = String(validating: data, as: UTF8.self), let colon = text.firstIndex(of: ":")
        else { return nil }
        return (String(text[..<colon]), String(text[text.index(after: colon)...]))
    }

    static func client(_ header: String?) -> JSONValue? {
        guard let data = header.flatMap({ Data(base64Encoded: $0) }), let json = try? JSONValue.parse(Array(data)),
            json.objectValue != nil
        else { return nil }
        return json
    }

    /// `public-token-(test|live)-<lowercase uuid>`.
    static func isPublicToken(_ text: String) -> Bool {
        guard text.hasPrefix("public-token-test-") || text.hasPrefix("public-token-live-") else { return false }
        let groups = text.dropFirst(18).split(separator: "-", omittingEmptySubsequences: false)
        return groups.map(\.count) == [8, 4, 4, 4, 12]
            && groups.joined().allSatisfy { $0.isHexDigit && !$0.isUppercase }
    }
}
