import Logging
import SessionCore
import SessionVault

extension VaultEvent {
    func tell(_ logger: Logger) {
        var metadata: Logger.Metadata = [:]
        if let profile { metadata["profile"] = "\(profile)" }
        guard let operational else { return logger.log(level: severity.level, "\(self)", metadata: metadata) }
        logger.event(operational, "\(self)", metadata: metadata)
    }

    private var operational: OperationalEvent? {
        switch self {
        case .keyCreated: .keyCreated
        case .keyUnavailable, .keyMissing: .keyMissing
        case .recordSetAside: .recordSetAside
        case .recordNotSetAside, .recordUnreadable, .recordTooNew, .storeFailed, .payloadTooLarge: .storeFailing
        case .imageRefused, .imageKept: .imageRefused
        case .imageNotStored: .imageNotStored
        case .keySourceSkipped, .keyPutBack, .nameRefused, .leftoversRemoved, .leftoversNotRemoved: nil
        }
    }

    private var profile: String? {
        switch self {
        case .keyMissing(let profile, _), .recordSetAside(let profile, _, _), .recordNotSetAside(let profile, _, _),
            .recordUnreadable(let profile, _), .recordTooNew(let profile, _), .storeFailed(let profile, _),
            .payloadTooLarge(let profile, _):
            profile
        case .keyCreated, .keyUnavailable, .keySourceSkipped, .keyPutBack, .nameRefused, .leftoversRemoved,
            .leftoversNotRemoved, .imageRefused, .imageKept, .imageNotStored:
            nil
        }
    }
}

extension VaultEvent.Severity {
    fileprivate var level: Logger.Level {
        switch self {
        case .notice: .notice
        case .warning: .warning
        case .error: .error
        }
    }
}
