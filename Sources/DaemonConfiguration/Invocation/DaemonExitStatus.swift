/// What the daemon tells whoever started it (sysexits.h).
package enum DaemonExitStatus: Int32, Sendable, CaseIterable {
    case stopped = 0
    /// EX_USAGE
    case usage = 64
    /// EX_SOFTWARE
    case failed = 70
    /// EX_TEMPFAIL: another daemon is in the way, which may be gone the next time.
    case temporary = 75
    /// EX_CONFIG: a restart cannot cure it.
    case configuration = 78
}
