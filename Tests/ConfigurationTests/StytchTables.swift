@testable import DaemonConfiguration

/// What people get wrong in a Stytch profile, and what they mean when they do not.
enum StytchTables {
    private static let sdk = "publicToken: public-token-test-1, appIdentifier: dev.example.shop"

    /// A profile and the only problem with it; columns are those of a profile called `default` in the main file.
    static let problems: [(String, String)] = [
        (
            "{provider: stytch, appIdentifier: a}",
            "2:12 profiles.default.publicToken: is missing — add publicToken: public-token-test-…"
        ),
        (
            "{provider: stytch, publicToken: public-token-live-1}",
            "2:12 profiles.default.appIdentifier: is missing — add appIdentifier: dev.example.shop"
        ),
        (
            "{provider: stytch, projectID: project-test-1, appIdentifier: a}",
            "2:12 profiles.default.publicToken: is missing — add publicToken: public-token-test-…"
        ),
        (
            "{provider: stytch, \(sdk), secret: c}",
            "2:106 profiles.default.secret: without projectID it has no effect — add projectID:, or delete secret"
        ),
        (
            "{provider: stytch-b2b, secret: c}",
            "2:43 profiles.default.secret: without projectID it has no effect — add projectID:, or delete secret"
        ),
        (
            "{provider: stytch, \(sdk), projectID: project-live-1}",
            "2:109 profiles.default.projectID: belongs to a live project, and publicToken to a test one"
                + " — take both from the same project"
        ),
        (
            "{provider: stytch, \(sdk), projectID: 1234}",
            "2:109 profiles.default.projectID: not a Stytch project id"
                + " — copy it from Stytch's dashboard: it begins with project-test- or project-live-"
        ),
        (
            "{provider: stytch, publicToken: public-token-test-1, appIdentifier: dév}",
            "2:80 profiles.default.appIdentifier: holds more than printable ASCII characters"
                + " — write the identifier that is registered in Stytch's dashboard, like dev.example.shop"
        ),
        (
            "{provider: stytch, publicToken: public-token-test-1, appIdentifier: \"\"}",
            "2:80 profiles.default.appIdentifier: is empty — write it like dev.example.shop, or delete the key"
        ),
        (
            "{provider: stytch, publicToken: [a], appIdentifier: a}",
            "2:44 profiles.default.publicToken: expected a text, not a list — write it like public-token-test-…"
        ),
        (
            "{provider: stytch, pubicToken: public-token-test-1, publicToken: public-token-test-1, appIdentifier: a}",
            "2:31 profiles.default.pubicToken: unknown key — did you mean publicToken?"
        ),
    ]

    /// A text, and whether it can be a public token; with `project` for `public-token`, whether it can be a project id.
    static let names: [(String, Bool)] = [
        ("public-token-test-3f0e6b0e-0000-4000-8000-1a2b3c4d5e6f", true), ("public-token-live-A", true),
        ("public-token-test-1-2-", true), ("public-token-test-", false), ("public-token-live-", false),
        ("public-token-test", false), ("public-token-prod-1", false), ("public-token-1", false),
        ("Public-token-test-1", false), (" public-token-test-1", false), ("public-token-test-1 ", false),
        ("public-token-test-a b", false), ("public-token-test-a_b", false), ("public-token-test-ä", false),
        ("public-token-test-١", false), ("public-token-test-a:b", false), ("secret-test-1", false),
    ]

    /// The keys of a profile, and what they mean.
    static let modes: [(String, StytchSettings)] = [
        (
            "publicToken: public-token-live-1\nappIdentifier: dev.example.shop\n",
            .sdk(publicToken: "public-token-live-1", appIdentifier: "dev.example.shop", projectID: nil)
        ),
        (
            "publicToken: public-token-test-1\nappIdentifier: a b\nprojectID: project-test-2\n",
            .sdk(publicToken: "public-token-test-1", appIdentifier: "a b", projectID: "project-test-2")
        ),
        (
            "projectID: project-live-2\nsecret: {file: /etc/sessiond/stytch}\n",
            .server(projectID: "project-live-2", secret: .file("/etc/sessiond/stytch"))
        ),
        (
            "projectID: project-test-2\nsecret: {credential: stytch}\n",
            .server(projectID: "project-test-2", secret: .credential("stytch"))
        ),
    ]
}
