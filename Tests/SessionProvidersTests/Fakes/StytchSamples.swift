import SessionProtocol

/// Answers as the published descriptions have them.
enum StytchSamples {
    static let consumer: JSONValue = [
        "data": [
            "request_id": "request-id-test-6a1c", "status_code": 200,
            "session_token": "Zk3xTq0V7b2mPz9aLw4nJc6rUe8sYd1hGf5iKo0vXtA", "session_jwt": "eyJhbGciOiJSUzI1NiIs",
            "session": [
                "session_id": "session-test-0b6e", "user_id": "user-test-51d0", "started_at": "2026-01-05T10:00:00Z",
                "last_accessed_at": "2026-01-05T10:03:00.104233Z", "expires_at": "2026-01-05T11:00:00Z",
                "attributes": ["ip_address": "203.0.113.7", "user_agent": "sessiond/0.1"],
                "authentication_factors": [
                    [
                        "type": "password", "delivery_method": "knowledge",
                        "last_authenticated_at": "2026-01-05T10:00:00Z", "created_at": "2026-01-05T10:00:00Z",
                        "updated_at": "2026-01-05T10:00:00Z",
                    ],
                    [
                        "type": "otp", "delivery_method": "sms", "last_authenticated_at": "2026-01-05T10:00:40Z",
                        "phone_number_factor": ["phone_id": "phone-number-test-9a", "phone_number": "+15005550006"],
                    ],
                ],
                "custom_claims": ["plan": "pro"], "roles": ["stytch_user"],
            ],
            "user": [
                "user_id": "user-test-51d0", "status": "active",
                "emails": [["email_id": "email-test-3c", "email": "ada@example.org", "verified": true]],
                "phone_numbers": [], "providers": [], "webauthn_registrations": [], "totps": [], "crypto_wallets": [],
                "biometric_registrations": [], "is_locked": false, "roles": [],
                "name": ["first_name": "Ada", "middle_name": "", "last_name": "L"],
                "created_at": "2025-12-01T08:00:00Z",
                "password": ["password_id": "password-test-77", "requires_reset": false], "trusted_metadata": [:],
                "untrusted_metadata": [:],
            ],
        ]
    ]

    static let error: JSONValue = [
        "status_code": 404, "request_id": "request-id-test-1f2e", "error_type": "session_not_found",
        "error_message": "Session could not be found.", "error_url": "https://stytch.com/docs/api/errors/404",
        "error_details": [:],
    ]

    static let mfaRequired: JSONValue = [
        "data": [
            "request_id": "r1", "status_code": 200, "member_id": "member-test-77", "member_authenticated": false,
            "session_token": "", "session_jwt": "", "member_session": nil,
            "intermediate_session_token": "Pq7-exampleIST-0000000000000000000000000000=",
            "mfa_required": [
                "member_options": ["mfa_phone_number": "+15005550006", "totp_registration_id": ""],
                "secondary_auth_initiated": nil,
            ],
            "primary_required": nil, "member": [:], "organization": [:],
        ]
    ]

    static let memberClaims: JSONValue = [
        "iss": "stytch.com/project-test-aaaa", "aud": ["project-test-aaaa"], "sub": "member-test-77",
        "iat": 1_767_607_200, "nbf": 1_767_607_200, "exp": 1_767_607_500,
        "https://stytch.com/session": [
            "id": "member-session-test-3f", "started_at": "2026-01-05T10:00:00Z",
            "last_accessed_at": "2026-01-05T10:00:00Z", "expires_at": "2026-01-05T11:00:00Z",
            "authentication_factors": [
                [
                    "type": "email_otp", "delivery_method": "email", "last_authenticated_at": "2026-01-05T10:00:00Z",
                    "email_factor": ["email_id": "email-test-1", "email_address": "bo@example.org"],
                ]
            ],
            "roles": ["stytch_member", "editor"],
        ],
        "https://stytch.com/organization": ["organization_id": "organization-test-9b", "slug": "acme"],
        "tier": "gold",
    ]

    /// The members that the schemas of the objects require.
    static let required = [
        ("session", "session_id user_id authentication_factors roles"),
        (
            "member_session",
            """
            member_session_id member_id organization_id organization_slug roles authentication_factors started_at \
            last_accessed_at expires_at
            """
        ),
        (
            "user",
            """
            user_id emails status phone_numbers webauthn_registrations providers totps crypto_wallets \
            biometric_registrations is_locked roles
            """
        ),
        (
            "member",
            """
            organization_id member_id email_address status name sso_registrations oauth_registrations is_breakglass \
            member_password_id email_address_verified mfa_enrolled mfa_phone_number mfa_phone_number_verified \
            default_mfa_method totp_registration_id is_admin is_locked retired_email_addresses roles
            """
        ),
        (
            "organization",
            """
            organization_id organization_name organization_logo_url organization_slug sso_jit_provisioning \
            sso_jit_provisioning_allowed_connections sso_active_connections email_allowed_domains \
            email_jit_provisioning email_invites auth_methods allowed_auth_methods mfa_policy \
            rbac_email_implicit_role_assignments mfa_methods allowed_mfa_methods oauth_tenant_jit_provisioning \
            claimed_email_domains first_party_connected_apps_allowed_type allowed_first_party_connected_apps \
            third_party_connected_apps_allowed_type allowed_third_party_connected_apps custom_roles
            """
        ),
    ]
}
