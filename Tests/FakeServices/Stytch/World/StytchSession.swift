import SessionProtocol

/// A session of a user or a member. Times are unix ms.
struct StytchSession {
    var id: String
    var ownerID: String
    var token: String
    var factors: [StytchFactor]
    var startedAt: Int64
    var lastAccessedAt: Int64
    var expiresAt: Int64
    var customClaims: StytchPayload = [:]
    var userAgent: String
    var rotatesNext = false
    /// Members that tests have set, over the real ones.
    var overrides: StytchPayload = [:]

    /// Adds a factor, or renews it where the session has it.
    mutating func add(_ factor: StytchFactor) {
        factors.add(factor)
    }
}

/// One way in which the person has shown who they are.
struct StytchFactor {
    var type: String
    var deliveryMethod: String
    /// The nested object and its name; a password has none.
    var detail: (name: String, value: JSONValue)?
    var createdAt: Int64
    var lastAuthenticatedAt: Int64

    init(_ type: String, _ deliveryMethod: String, _ name: String? = nil, _ value: JSONValue = nil, at now: Int64) {
        self.type = type
        self.deliveryMethod = deliveryMethod
        detail = name.map { ($0, value) }
        createdAt = now
        lastAuthenticatedAt = now
    }

    var json: JSONValue {
        var members: StytchPayload = [
            "type": .string(type), "delivery_method": .string(deliveryMethod),
            "last_authenticated_at": .string(StytchTime.text(lastAuthenticatedAt)),
            "created_at": .string(StytchTime.text(createdAt)),
            "updated_at": .string(StytchTime.text(lastAuthenticatedAt)),
        ]
        if let detail { members[detail.name] = detail.value }
        return .object(members)
    }

    /// Whether it counts as a second factor of a member.
    var isSecond: Bool {
        type == "totp" || type == "recovery_codes" || (type == "otp" && deliveryMethod == "sms")
    }

    /// What `allowed_auth_methods` calls it.
    var method: JSONValue { .string(type) }
}

extension [StytchFactor] {
    mutating func add(_ factor: StytchFactor) {
        let same = firstIndex {
            $0.type == factor.type && $0.deliveryMethod == factor.deliveryMethod
                && $0.detail?.value == factor.detail?.value
        }
        if let same {
            self[same].lastAuthenticatedAt = factor.lastAuthenticatedAt
        } else {
            append(factor)
        }
    }
}
