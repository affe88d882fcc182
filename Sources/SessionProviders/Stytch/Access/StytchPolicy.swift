import SessionCore
import SessionProtocol

/// A project's RBAC policy, and the question whether a session's roles grant an action.
///
/// What Stytch's SDKs compute: a role of the session that the policy or the organization knows, with a permission for
/// the resource that names the action or `*`. Unknown roles grant nothing; without a policy nothing is granted.
struct StytchPolicy: Sendable {
    let roles: [JSONValue]

    /// - Parameters:
    ///   - policy: `{roles: [{role_id, permissions: [{resource_id, actions}]}]}`.
    ///   - organization: its `custom_roles` are added to the project's.
    init(_ policy: JSONValue?, organization: JSONValue?) {
        roles = (policy?["roles"]?.arrayValue ?? []) + (organization?["custom_roles"]?.arrayValue ?? [])
    }

    func allows(_ action: String, on resource: String, session: JSONValue?) -> Bool {
        let held = Set(session?["roles"]?.arrayValue?.compactMap(\.stringValue) ?? [])
        return roles.contains { role in
            guard let id = role.text("role_id"), held.contains(id) else { return false }
            return role["permissions"]?.arrayValue?.contains { permission in
                permission.text("resource_id") == resource
                    && permission["actions"]?.arrayValue?.contains { $0 == .string(action) || $0 == "*" } ?? false
            } ?? false
        }
    }
}
