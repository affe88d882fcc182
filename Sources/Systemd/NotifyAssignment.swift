/// One line of what a service tells its manager (sd_notify(3)).
package enum NotifyAssignment: Sendable, Hashable {
    case ready
    case stopping
    /// The configuration is being read again; `ready` must follow. Carries CLOCK_MONOTONIC in microseconds, which
    /// Type=notify-reload demands in the same datagram.
    case reloading(monotonicMicroseconds: UInt64)
    /// One line for people, readable by every user of the machine: phases and counts, never names.
    case status(String)
    /// Start, reload or stop will take up to so much longer than the unit allows.
    case extendTimeout(Duration)
    /// The service lives. The manager wants to hear it within `watchdogInterval`, again and again.
    case watchdog
    /// The service is broken for good: the manager acts as if it had waited for `watchdog` in vain.
    case watchdogTrigger
    /// Why the service fails.
    case errno(Int32)

    /// `reloading` as of now.
    package static var reloading: NotifyAssignment { .reloading(monotonicMicroseconds: monotonicMicroseconds()) }

    /// The assignment as it goes over the wire, without its line feed.
    package var line: String {
        switch self {
        case .ready: "READY=1"
        case .stopping: "STOPPING=1"
        case .reloading(let microseconds): "RELOADING=1\nMONOTONIC_USEC=\(microseconds)"
        case .status(let text): "STATUS=\(Self.oneLine(text))"
        case .extendTimeout(let duration): "EXTEND_TIMEOUT_USEC=\(duration.wholeMicroseconds)"
        case .watchdog: "WATCHDOG=1"
        case .watchdogTrigger: "WATCHDOG=trigger"
        case .errno(let number): "ERRNO=\(number)"
        }
    }

    /// A line feed in a text would start an assignment of its own, a zero would end the datagram early.
    private static func oneLine(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }))
    }
}

extension [NotifyAssignment] {
    /// The datagram's text.
    var datagram: String { map(\.line).joined(separator: "\n") }
}

extension Duration {
    /// Rounded down; 0 for a negative duration.
    var wholeMicroseconds: Int64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        return overflow ? .max : whole.addingReportingOverflow(attoseconds / 1_000_000_000_000).partialValue
    }
}
