/// What people get wrong, and what they are told.
enum ProblemTables {
    /// A text and the only problem with it.
    static let daemonCases: [(String, String)] = [
        ("defaultProfle: x", "1:1 defaultProfle: unknown key — did you mean defaultProfile?"),
        (
            "colour: red",
            "1:1 colour: unknown key — known keys here: "
                + "defaultProfile, socket, key, access, profiles, limits, log"
        ),
        ("log:\n  levle: info", "2:3 log.levle: unknown key — did you mean level?"),
        ("log:\n  LEVEL: info", "2:3 log.LEVEL: unknown key — did you mean level?"),
        (
            "log: {level: verbose}",
            "1:14 log.level: \"verbose\" is not one of trace, debug, info, notice, warning, error, critical"
                + " — write one of them"
        ),
        ("log: {format: jsn}", "1:15 log.format: \"jsn\" is not one of text, json — did you mean json?"),
        (
            "log: info",
            "1:6 log: expected keys with values, not a single value — write keys below it, indented: level, format …"
        ),
        (
            "log: [level]",
            "1:6 log: expected keys with values, not a list — write keys below it, indented: level, format …"
        ),
        (
            "log: {level: [info]}",
            "1:14 log.level: expected one of trace, debug, info, notice, warning, error, critical, not a list — write it like trace"
        ),
        ("log: {level: }", "1:14 log.level: has no value — write it like trace, or delete the key"),
        ("defaultProfile: other", "1:17 defaultProfile: there is no profile \"other\" — write one of default"),
        ("defaultProfile: defualt", "1:17 defaultProfile: there is no profile \"defualt\" — did you mean default?"),
        ("defaultProfile: \"\"", "1:17 defaultProfile: is empty — write it like default, or delete the key"),
        (
            "defaultProfile: {a: b}",
            "1:17 defaultProfile: expected a text, not keys with values — write it like default"
        ),
        (
            "profiles: {a: {provider: embedded}, b: {provider: embedded}}",
            "-:- defaultProfile: is missing, and no profile is called default — add defaultProfile: with one of a, b"
        ),
        (
            "socket: {path: run/s}",
            "1:16 socket.path: not an absolute path — write it from the root, like /run/sessiond/sessiond.sock"
        ),
        (
            "socket: {path: /\(String(repeating: "x", count: 107))}",
            "1:16 socket.path: longer than 107 bytes — choose a shorter path"
        ),
        (
            "socket: {path: \"/a\\nb\"}",
            "1:16 socket.path: holds a line break or another control character — write it in one line"
        ),
        (
            "socket: {group: nobody-here}",
            "1:17 socket.group: there is no group \"nobody-here\" on this machine — correct the name, or make the group: groupadd --system NAME"
        ),
        (
            "socket: {group: 4294967295}",
            "1:17 socket.group: out of range — write a group's name, or its number below 4294967295"
        ),
        (
            "socket: {mode: 0o660}",
            "1:16 socket.mode: not permission bits — write three octal digits with a zero in front, like \"0660\""
        ),
        (
            "socket: {mode: 0888}",
            "1:16 socket.mode: not permission bits — write three octal digits with a zero in front, like \"0660\""
        ),
        (
            "socket: {mode: 7777}",
            "1:16 socket.mode: not permission bits — write three octal digits with a zero in front, like \"0660\""
        ),
        (
            "socket: {mode: \"0060\"}",
            "1:16 socket.mode: would keep the daemon's own user out — begin with 06 or 07, like \"0660\""
        ),
        (
            "key: hunter2",
            "1:6 key: expected the place of a key, not the key itself — write it like {credential: NAME} or {file: /path}"
        ),
        (
            "key: {}",
            "1:6 key: names neither a credential nor a file — write it like {credential: NAME} or {file: /path}"
        ),
        ("key: {credential: a, file: /b}", "1:28 key.file: both a credential and a file — keep one of them"),
        ("key: {file: b}", "1:13 key.file: not an absolute path — write it from the root, like /etc/sessiond/key"),
        (
            "key: {credential: ../b}",
            "1:19 key.credential: not the name of a credential — write letters, digits, dots, dashes and underscores, without a dot in front"
        ),
        ("limits: {maxConnections: 0}", "1:26 limits.maxConnections: out of range — write a number from 1 to 65536"),
        (
            "limits: {maxConnections: 99999999999999999999}",
            "1:26 limits.maxConnections: out of range — write a number from 1 to 65536"
        ),
        (
            "limits: {maxConnections: -1}",
            "1:26 limits.maxConnections: expected a whole number — write digits alone, without quotes"
        ),
        (
            "limits: {maxConnections: \"7\"}",
            "1:26 limits.maxConnections: expected a whole number — write digits alone, without quotes"
        ),
        (
            "limits: {maxConnections: 1.0}",
            "1:26 limits.maxConnections: expected a whole number — write digits alone, without quotes"
        ),
        (
            "limits: {maxSubscriptions: [1]}",
            "1:28 limits.maxSubscriptions: expected a whole number, not a list — write it like 1"
        ),
    ]

    static let accessCases: [(String, String)] = [
        (
            "access: {user: kiosk}",
            "1:9 access: expected a list, not keys with values — write it like - {user: kiosk, profiles: [shop], allow: [read, token]}"
        ),
        (
            "access: [kiosk]",
            "1:10 access[0]: expected keys with values, not a single value — write keys below it, indented: user, group …"
        ),
        (
            "access: [{allow: [read]}]",
            "1:10 access[0]: names neither a user nor a group — add user: NAME or group: NAME"
        ),
        (
            "access: [{user: kiosk, group: wheel, allow: [read]}]",
            "1:31 access[0].group: both a user and a group — write two rules"
        ),
        (
            "access: [{user: kisk, allow: [read]}]",
            "1:17 access[0].user: there is no user \"kisk\" on this machine — correct the name, or make the user: useradd --system NAME"
        ),
        (
            "access:\n  - {user: kiosk}",
            "2:5 access[0].allow: is missing — add allow: [read], or more of read, token, control, admin"
        ),
        ("access: [{user: kiosk, allow: []}]", "1:31 access[0].allow: allows nothing — write it like [read, token]"),
        (
            "access: [{user: kiosk, allow: read}]",
            "1:31 access[0].allow: expected a list, not a single value — write it like [read, token]"
        ),
        (
            "access: [{user: kiosk, allow: [reed]}]",
            "1:32 access[0].allow[0]: \"reed\" is not one of read, token, control, admin — did you mean read?"
        ),
        (
            "access: [{user: kiosk, allow: [read], profiles: [shop]}]",
            "1:50 access[0].profiles[0]: there is no profile \"shop\" — write one of default"
        ),
        (
            "access: [{user: kiosk, allow: [read], profiles: []}]",
            "1:49 access[0].profiles: names no profile — write it like [shop], or delete the key to mean all"
        ),
    ]

    static let profileCases: [(String, String)] = [
        ("{}", "2:12 profiles.default.provider: is missing — add provider: embedded"),
        ("{provder: embedded}", "2:13 profiles.default.provider: is missing — did you mean provider?"),
        (
            "embedded",
            "2:12 profiles.default: expected keys with values, not a single value — write keys below it, indented: provider: embedded"
        ),
        (
            "{provider: embeded}",
            "2:23 profiles.default.provider: \"embeded\" is not one of embedded, stytch, stytch-b2b, agnost, backstack, oidc — did you mean embedded?"
        ),
        (
            "{provider: embedded, publicToken: x}",
            "2:33 profiles.default.publicToken: unknown key — known keys here: provider, sessionDuration, keepAlive, heartbeat, baseURL, caFile, allowInsecureHTTP, allowSignUp"
        ),
        (
            "{provider: embedded, sessionDuration: 60}",
            "2:50 profiles.default.sessionDuration: a duration needs a unit — add ms, s, m, h or d, as in 60s"
        ),
        (
            "{provider: embedded, sessionDuration: 4m}",
            "2:50 profiles.default.sessionDuration: out of range — write a duration from 5m to 527040m"
        ),
        (
            "{provider: embedded, sessionDuration: 527041m}",
            "2:50 profiles.default.sessionDuration: out of range — write a duration from 5m to 527040m"
        ),
        (
            "{provider: embedded, sessionDuration: 301s}",
            "2:50 profiles.default.sessionDuration: not a whole number of minutes — write minutes, such as 60m"
        ),
        (
            "{provider: embedded, sessionDuration: soon}",
            "2:50 profiles.default.sessionDuration: expected a duration — write a whole number and one of ms, s, m, h, d, such as 500ms, 180s or 60m"
        ),
        (
            "{provider: embedded, keepAlive: yes}",
            "2:44 profiles.default.keepAlive: expected true or false — write true or false, without quotes"
        ),
        (
            "{provider: embedded, keepAlive: \"true\"}",
            "2:44 profiles.default.keepAlive: expected true or false — write true or false, without quotes"
        ),
        (
            "{provider: embedded, heartbeat: {interval: 999ms}}",
            "2:55 profiles.default.heartbeat.interval: out of range — write a duration from 1s to 1d"
        ),
        (
            "{provider: embedded, heartbeat: {timeout: 11m}}",
            "2:54 profiles.default.heartbeat.timeout: out of range — write a duration from 100ms to 10m"
        ),
        (
            "{provider: embedded, heartbeat: {jitter: 1.1}}",
            "2:53 profiles.default.heartbeat.jitter: out of range — write a number from 0 to 1"
        ),
        (
            "{provider: embedded, heartbeat: {jitter: -0.1}}",
            "2:53 profiles.default.heartbeat.jitter: expected a number — write it like 0.1, without quotes"
        ),
        (
            "{provider: embedded, heartbeat: {jitter: 1e-1}}",
            "2:53 profiles.default.heartbeat.jitter: expected a number — write it like 0.1, without quotes"
        ),
        (
            "{provider: embedded, heartbeat: {intervall: 9s}}",
            "2:45 profiles.default.heartbeat.intervall: unknown key — did you mean interval?"
        ),
        (
            "{provider: agnost, baseURL: https://h/e}",
            "2:12 profiles.default.apiKey: is missing — add apiKey: {credential: NAME}"
        ),
        (
            "{provider: agnost, apiKey: a}",
            "2:12 profiles.default.baseURL: is missing — add baseURL: https://host/env-id"
        ),
        (
            "{provider: agnost, apiKey: a, baseURL: https://h/e, pathPrefix: x/}",
            "2:76 profiles.default.pathPrefix: not the first part of a path — write it like /agnost, without a slash at its end, or \"\" for none"
        ),
        ("{provider: backstack}", "2:12 profiles.default.appKey: is missing — add appKey: {credential: NAME}"),
        (
            "{provider: backstack, appKey: {file: a}}",
            "2:49 profiles.default.appKey.file: not an absolute path — write it from the root, like /etc/sessiond/key"
        ),
        (
            "{provider: backstack, appKey: {env: A}}",
            "2:43 profiles.default.appKey.env: unknown key — known keys here: credential, file"
        ),
        (
            "{provider: backstack, appKey: [a]}",
            "2:42 profiles.default.appKey: expected a text, not a list — write it like {credential: NAME}"
        ),
        (
            "{provider: backstack, appKey: a, baseURL: http://example.org}",
            "2:54 profiles.default.baseURL: http would send secrets in the clear — write https://, or set allowInsecureHTTP: true in this profile"
        ),
        (
            "{provider: backstack, appKey: a, baseURL: ftp://example.org}",
            "2:54 profiles.default.baseURL: expected an http or https URL of a host, a port and a path — write it like https://auth.example.org, without a user name, a query or a fragment"
        ),
    ]
}
