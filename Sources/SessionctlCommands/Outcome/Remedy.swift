import SessionProtocol

/// What a person can do about an error, by its kind.
enum Remedy {
    /// nil where the message says it all. `now` in Unix milliseconds.
    static func sentence(kind: String, data: [String: JSONValue], now: Int64) -> String? {
        switch kind {
        case "unavailable": "start it with `systemctl start sessiond`, or name its socket with --socket"
        case "untrustedServer": "nothing was sent; find out whose process holds the socket"
        case "malformedReply": "update the older of sessionctl and sessiond"
        case "notSignedIn":
            data["phase"]?.stringValue == "challenged"
                ? "go on with `sessionctl login --continue`" : "sign in with `sessionctl login`"
        case "permissionDenied": permission(data["needs"]?.stringValue)
        case "conflict": "look at it with `sessionctl status` and try again"
        case "deadlineExceeded": "try again, or allow more with --timeout"
        case "busy", "tooManySubscriptions": tryAgain(afterMs: data["retryAfterMs"]?.integerValue)
        case "cancelled": "try again"
        case "shuttingDown": "try again when it is back"
        case "upstreamUnavailable": upstream(nextAttemptAt: data["nextAttemptAt"]?.integerValue, now: now)
        case "upstreamRejected": rejection(data["reason"]?.stringValue)
        case "storeFailed": "make room in the daemon's state directory and try again; its log says more"
        case "keyUnavailable": "give the daemon its key; `sessionctl health` and its log say more"
        case "protocolUnsupported": "update the older of sessionctl and sessiond"
        case "profileNotFound": "`sessionctl profiles` names them"
        case "notSupported": "nothing was changed; `sessionctl profiles` shows which provider each profile has"
        case "misconfigured": settings(data["reason"]?.stringValue)
        case "challengeNotFound": "start again with `sessionctl login`"
        case "methodNotFound": "this daemon is older than this sessionctl: update sessiond"
        case "invalidParams":
            data["unknown"] == nil
                ? "correct the value and try again" : "this daemon is older than this sessionctl: update sessiond"
        case "internal": "the daemon's log says more: `journalctl -u sessiond`"
        default: nil
        }
    }

    private static func permission(_ name: String?) -> String {
        guard let name else { return "ask an administrator for the permission" }
        return name == "admin"
            ? "run it as root, or ask an administrator for the permission admin"
            : "join the group of the daemon's socket, or ask an administrator for the permission \(name)"
    }

    private static func tryAgain(afterMs: Int64?) -> String {
        guard let afterMs, afterMs > 0 else { return "try again" }
        return "try again in \(TimeWords.span(max(afterMs, 1000)))"
    }

    private static func upstream(nextAttemptAt: Int64?, now: Int64) -> String {
        guard let nextAttemptAt, nextAttemptAt > now else { return "nothing is lost; check the network and try again" }
        return "nothing is lost; the daemon asks again \(TimeWords.until(nextAttemptAt, now: now))"
    }

    private static func settings(_ reason: String?) -> String {
        // The embedded authority's reasons are about its database, of which the configuration knows nothing.
        reason?.hasPrefix("authority_") == true
            ? "an administrator must mend authority.sqlite in the daemon's state directory; its log says more"
            : "an administrator must mend it: `sessiond --check-config`"
    }

    private static func rejection(_ reason: String?) -> String {
        switch reason {
        case "invalid_credentials": "check the user name and the password"
        case "username_taken": "choose another user name"
        case "user_disabled": "an administrator can let the user in: `sessionctl authority update USERNAME --enable`"
        case "user_not_found": "check the name; `sessionctl authority users` lists those of the embedded authority"
        case "sign_up_disabled":
            "an administrator can make the user, of the embedded authority with `sessionctl authority add USERNAME`"
        case "invalid_grant", "invalid_token": "it works once and not for long; ask for a new one"
        case "account_not_found": "choose one of those that `sessionctl switch-account` or the sign-in offers"
        case "sign_in_lapsed": "start again with `sessionctl login`"
        case "sign_in_required": "the password is changed: sign in with it, `sessionctl login`"
        case "permission_lacking": "an administrator must allow the app's key to do this at the auth service"
        case "session_not_found": "`sessionctl list` or `sessionctl authority sessions` shows their ids"
        default: "the session was not touched"
        }
    }
}
