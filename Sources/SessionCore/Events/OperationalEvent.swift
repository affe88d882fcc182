/// What an administrator may want to know, find or be woken by: one case an event, each with an id that never changes.
///
/// The raw value is the event's name in SESSIOND_EVENT and in JSON lines. systemd/sessiond.catalog explains every one
/// under its id, and docs/operations.md says what to do about it.
package enum OperationalEvent: String, Sendable, Hashable, CaseIterable {
    // The daemon.
    case started
    case ready
    case startFailed = "start-failed"
    case reloaded
    case reloadRefused = "reload-refused"
    case stopping
    case stopped
    case configurationWarning = "configuration-warning"
    case configurationError = "configuration-error"
    case clockStepped = "clock-stepped"
    /// The daemon does not tell the service manager that it is well, as a check of its own fails.
    case watchdogWithheld = "watchdog-withheld"
    case entriesDropped = "entries-dropped"

    // A session.
    case signedIn = "signed-in"
    case sessionConfirmed = "session-confirmed"
    case heartbeatFailed = "heartbeat-failed"
    case misconfigured
    case extensionRefused = "extension-refused"
    case sessionExpired = "session-expired"
    /// The auth service says that the session is gone.
    case sessionEnded = "session-ended"
    case signedOut = "signed-out"
    case revocationQueued = "revocation-queued"
    case revocationConfirmed = "revocation-confirmed"
    case revocationRefused = "revocation-refused"
    case revocationDropped = "revocation-dropped"

    // What is stored.
    case storeFailing = "store-failing"
    case storeWorks = "store-works"
    case keyCreated = "key-created"
    case keyMissing = "key-missing"
    case profileSealed = "profile-sealed"
    case recordSetAside = "record-set-aside"
    case recordsResealed = "records-resealed"
    case recordsNotResealed = "records-not-resealed"
    case resealingFailed = "resealing-failed"
    case keysDropped = "keys-dropped"
    /// What a service manager has kept from the last process is of no use, now or at all.
    case imageRefused = "image-refused"
    case imageNotStored = "image-not-stored"
    case secretMissing = "secret-missing"
    case secretFound = "secret-found"
    case authorityFailing = "authority-failing"
    case authorityWorks = "authority-works"

    // Clients.
    case clientDenied = "client-denied"
    case connectionRefused = "connection-refused"
    case subscriberOverrun = "subscriber-overrun"
    case incident
}

extension OperationalEvent: CustomStringConvertible {
    package var description: String { rawValue }
}
