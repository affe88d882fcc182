package import SessionProtocol

extension ProfileMachine {
    package var phase: Phase {
        switch tenure {
        case .loading: .loading
        case .sealed: .sealed
        case .vacant: pending == nil ? .signedOut : .challenged
        case .held(let session):
            switch session.standing {
            case .unverified: .unverified
            case .active: .active
            case .stale: .stale
            case .locked: .locked
            }
        }
    }

    /// The public state, with the revision left to the keeper.
    package func snapshot(revision: Int64) -> Snapshot {
        Snapshot(
            profile: settings.profile, provider: settings.traits.name, instance: settings.instance,
            revision: revision, phase: phase, cause: visibleCause, expiresAt: held?.deadline?.wall,
            lastValidatedAt: held?.lastValidatedAt,
            objects: Dictionary(uniqueKeysWithValues: settings.traits.objects.map { ($0, info(of: $0)) }),
            heartbeat: heartbeat.status, challenge: pending?.challenge)
    }

    private var visibleCause: Cause {
        guard case .vacant(let departure) = tenure else { return cause }
        return pending == nil ? departure.cause : Cause(.challenged, at: pendingSince)
    }

    private func info(of object: String) -> ObjectInfo {
        switch tenure {
        case .loading: return .loading
        case .sealed: return .unavailable(.sealed)
        case .vacant(let departure):
            guard let lasting = departure.lasting[object] else { return .unavailable(departure.reason) }
            return .available(lasting.value, lastValidatedAt: lasting.lastValidatedAt)
        case .held(let session):
            // Whatever the provider sends with it, a locked screen grants nothing.
            if session.standing == .locked, object == "access" { return .unavailable(.locked) }
            guard let held = session.objects[object] else { return .unavailable(.notProvided) }
            return .available(held.value, lastValidatedAt: held.lastValidatedAt)
        }
    }
}
