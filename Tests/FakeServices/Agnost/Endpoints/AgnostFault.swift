import SessionProtocol

/// An answer of the service that is no success.
struct AgnostFault: Error {
    var code: String
    var status: Int
    var message: String
    /// Members of the error beside the usual ones; null takes one away.
    var details: [String: JSONValue] = [:]

    /// With the published status.
    static func of(_ code: String, _ message: String? = nil) -> AgnostFault {
        AgnostFault(code: code, status: statuses[code] ?? 400, message: message ?? "\(code) (composed by the fake)")
    }

    /// A request that does not keep the rules of its input.
    static func validation(_ field: String, _ message: String) -> AgnostFault {
        var fault = of("validation_error", message)
        fault.details = ["fields": [["msg": .string(message), "path": .string(field)]]]
        return fault
    }

    private static let statuses: [String: Int] = [
        "missing_session_token": 401, "invalid_session_token": 401, "missing_api_key": 401, "invalid_api_key": 401,
        "endpoints_not_allowed": 401, "endpoint_not_allowed": 401, "missing_request_origin": 401,
        "domain_not_authorized": 401, "missing_client_IP": 401, "ip_not_authorized": 401, "expired_api_key": 403,
        "api_server_not_ready": 403, "suspended_environment": 403, "resource_not_found": 404, "user_not_found": 404,
        "invalid_sign_in_credentials": 401, "invalid_provider_sign_in": 401, "email_not_verified": 401,
        "not_allowed": 401, "invalid_credentials": 401, "phone_not_verified": 401, "invalid_provider": 401,
        "invalid_access_token": 403, "sms_auth_codes_disabled": 401, "mismatch_values": 401,
        "invalid_token_type": 401, "unsupported_content_type": 415, "rate_limit_exceeded": 429,
        "internal_server_error": 500,
    ]

    var answer: FakeAnswer {
        var members = face
        members.overlay(details)
        let isBare = code == "validation_error"
        var answer = FakeAnswer.json(isBare ? .object(members) : ["errors": [.object(members)]], status: status)
        answer.headers.merge(AgnostReply.uncached) { own, _ in own }
        return answer
    }

    /// The members that this kind of error has.
    private var face: [String: JSONValue] {
        if code == "validation_error" {
            return [
                "error": "Invalid Input", "details": "The input rules have failed.", "code": .string(code),
                "fields": [],
            ]
        }
        var members: [String: JSONValue] = [
            "origin": status >= 500 ? "server_error" : "client_error", "code": .string(code),
            "message": .string(message),
        ]
        switch code {
        case "internal_server_error":
            members["name"] = "ReferenceError"
            members["error"] = "Internal Server Error"
            members["specifics"] = []
            members["details"] = "The server has met an unexpected condition."
            members["stack"] = .string("ReferenceError: \(message)\n    at /app/routes/auth.js:1:1")
        case "rate_limit_exceeded":
            members["details"] = "Too many requests from this address."
        default: break
        }
        return members
    }
}
