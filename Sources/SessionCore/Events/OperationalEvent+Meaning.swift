package import Logging

extension OperationalEvent {
    /// How much it matters. The journal has it as PRIORITY.
    package var level: Logger.Level {
        switch self {
        case .signedIn, .sessionConfirmed, .clockStepped, .revocationQueued, .revocationConfirmed: .info
        case .started, .ready, .reloaded, .stopping, .stopped, .sessionExpired, .sessionEnded, .signedOut, .storeWorks,
            .keyCreated, .recordsResealed, .keysDropped, .secretFound, .authorityWorks, .clientDenied,
            .subscriberOverrun:
            .notice
        case .configurationWarning, .heartbeatFailed, .connectionRefused, .entriesDropped, .recordsNotResealed,
            .imageRefused, .imageNotStored:
            .warning
        case .reloadRefused, .configurationError, .watchdogWithheld, .misconfigured, .extensionRefused,
            .revocationRefused, .revocationDropped, .storeFailing, .keyMissing, .profileSealed, .recordSetAside,
            .resealingFailed, .secretMissing, .authorityFailing, .incident:
            .error
        case .startFailed: .critical
        }
    }

    /// Whether it says how things stand, and would say so at every attempt, rather than that something has changed.
    /// Repeats of it are told together.
    package var isCondition: Bool {
        switch self {
        case .heartbeatFailed, .misconfigured, .extensionRefused, .revocationRefused, .storeFailing, .keyMissing,
            .profileSealed, .secretMissing, .authorityFailing, .clientDenied, .connectionRefused, .subscriberOverrun,
            .watchdogWithheld, .clockStepped:
            true
        default: false
        }
    }

    /// The conditions of the same profile that are over with this event: should one come back, that is news.
    package var resolves: Set<OperationalEvent> {
        switch self {
        case .sessionConfirmed: [.heartbeatFailed, .misconfigured]
        case .signedIn, .sessionExpired, .sessionEnded, .signedOut:
            [.heartbeatFailed, .misconfigured, .extensionRefused]
        case .revocationConfirmed, .revocationDropped: [.revocationRefused]
        case .storeWorks: [.storeFailing, .keyMissing, .profileSealed]
        case .secretFound: [.secretMissing]
        case .authorityWorks: [.authorityFailing]
        default: []
        }
    }
}
