import SessionProtocol

extension Phase {
    /// Whether a session is held and served.
    var isSignedIn: Bool {
        switch self {
        case .active, .stale, .unverified, .locked: true
        case .loading, .signedOut, .challenged, .sealed: false
        }
    }

    /// A coloured sign for the phase, one column wide.
    func mark(_ style: Style) -> String {
        let (sign, plain, colour): (String, String, Style.Colour) =
            switch self {
            case .active: ("●", "*", .green)
            case .unverified: ("◐", "*", .yellow)
            case .stale: ("●", "*", .yellow)
            case .locked: ("●", "*", .blue)
            case .challenged: ("◌", "?", .cyan)
            case .signedOut: ("○", "-", .dim)
            case .sealed: ("■", "!", .red)
            case .loading: ("◌", "?", .dim)
            }
        return style.paint(style.unicode ? sign : plain, colour)
    }

    var colour: Style.Colour {
        switch self {
        case .active: .green
        case .unverified, .stale: .yellow
        case .locked: .blue
        case .challenged: .cyan
        case .sealed: .red
        case .signedOut, .loading: .dim
        }
    }

    /// What the phase means, where its name alone does not say it.
    var meaning: String? {
        switch self {
        case .active, .signedOut: nil
        case .unverified: "signed in; the auth service has not confirmed it yet"
        case .stale: "signed in; the auth service cannot confirm it at present"
        case .locked: "signed in; the screen is locked and access is empty"
        case .challenged: "the sign-in waits for its next step"
        case .sealed: "a session is stored and cannot be opened now; nothing is lost"
        case .loading: "stored state is being read"
        }
    }
}

extension Cause.Kind {
    /// The reason as a clause; a word of a newer daemon as it stands.
    var words: String {
        switch self {
        case .neverSignedIn: "nobody has signed in yet"
        case .signedIn: "signed in"
        case .restored: "restored from disk"
        case .validated: "confirmed by the auth service"
        case .extended: "extended"
        case .updated: "updated"
        case .revoked: "signed out"
        case .endedElsewhere: "the auth service says that the session has ended"
        case .expired: "the session reached its end"
        case .invalidated: "a program ended the session locally"
        case .cleared: "the stored session was deleted"
        case .upstreamUnavailable: "the auth service cannot be reached"
        case .misconfigured: "the auth service refuses the profile's settings"
        case .keyUnavailable: "the vault's key cannot be read"
        case .recordCorrupt: "the stored session was damaged and has been set aside"
        case .locked: "locked"
        case .unlocked: "unlocked"
        case .accountSwitched: "another account was chosen"
        case .challenged: "the sign-in needs one more step"
        default: Printable.escape(rawValue)
        }
    }
}

/// Why heartbeats fail, from the error kind that the snapshot carries.
func failureWords(_ kind: String) -> String {
    switch kind {
    case "upstreamUnavailable": "the auth service cannot be reached"
    case "misconfigured": "the auth service refuses the profile's settings"
    case "storeFailed": "the store cannot be written"
    case "keyUnavailable": "the vault's key cannot be read"
    case "deadlineExceeded": "the auth service does not answer in time"
    default: Printable.escape(kind)
    }
}
