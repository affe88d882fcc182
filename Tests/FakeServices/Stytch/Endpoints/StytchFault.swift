import SessionProtocol

/// An answer of the service that is no success.
enum StytchFault: Error {
    case error(String, status: Int, message: String)
    /// A body that does not fit the call's schema.
    case schema(keyword: String, member: String, message: String)
    case plain(String, status: Int)

    /// With the documented status.
    static func of(_ type: String, _ message: String? = nil) -> StytchFault {
        .error(type, status: status(type), message: message ?? "\(type) (composed by the fake).")
    }

    static func missing(_ member: String) -> StytchFault {
        .schema(keyword: "required", member: member, message: "should have required property '\(member)'")
    }

    static func status(_ type: String) -> Int {
        if let status = statuses[type] { return status }
        return type.hasPrefix("unable_to_auth_") ? 401 : 400
    }

    private static let statuses: [String: Int] = [
        "unauthorized_credentials": 401, "user_unauthenticated": 401, "invalid_secret_authentication": 401,
        "endpoint_not_authorized_for_sdk": 401, "attribute_mismatch": 401, "unauthorized_action": 401,
        "cname_required_for_http_only_cookies": 401, "cname_invalid_for_http_only_cookies": 401,
        "cannot_update_trusted_metadata": 401, "enterprise_endpoint": 401, "insufficient_factors": 401,
        "insufficient_factors_for_session_exchange": 401, "unauthorized_credentials_homepage": 401,
        "captcha_required": 403, "session_authorization_error": 403, "session_authorization_tenancy_error": 403,
        "consumer_session_authorization_error": 403, "organization_suspended": 403,
        "session_not_found": 404, "email_not_found": 404, "user_not_found": 404, "member_not_found": 404,
        "organization_not_found": 404, "route_not_found": 404, "public_token_not_found": 404,
        "project_not_found": 404, "intermediate_session_not_found": 404,
        "search_timeout": 408, "password_validation_timeout": 408,
        "too_many_requests": 429, "too_few_tokens_authenticated": 429, "user_lock_limit_reached": 429,
        "client_closed_request": 499, "internal_server_error": 500, "server_unavailable": 503,
    ]

    func answer(requestID: String) -> FakeAnswer {
        switch self {
        case .error(let type, let status, let message):
            return .json(
                [
                    "status_code": .integer(Int64(status)), "request_id": .string(requestID),
                    "error_type": .string(type), "error_message": .string(message), "error_details": [:],
                    "error_url": .string("https://stytch.com/docs/api/errors/\(status)"),
                ], status: status)
        case .schema(let keyword, let member, let message):
            return .json(
                [
                    "body": [
                        [
                            "keyword": .string(keyword), "dataPath": "", "schemaPath": .string("#/\(keyword)"),
                            "params": ["missingProperty": .string(member)], "message": .string(message),
                        ]
                    ]
                ], status: 400)
        case .plain(let text, let status):
            return .text(text, type: "text/plain", status: status)
        }
    }
}
