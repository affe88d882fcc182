import Dispatch
import Glibc

/// Something that had to happen did not, in time.
struct TooLate: Error, CustomStringConvertible {
    let what: String
    var description: String { "waited too long for \(what)" }
}

/// Runs what blocks on a thread of its own, so that the few threads of the tests stay free.
func blocking<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        // A queue of its own has a thread of its own, however many others block.
        DispatchQueue(label: "blocking").async { continuation.resume(with: Swift.Result { try body() }) }
    }
}

/// Waits until the descriptor can be read or has come to its end. False where it takes too long.
func isReadable(_ descriptor: Int32, within limit: Duration) -> Bool {
    let clock = ContinuousClock()
    let deadline = clock.now + limit
    while true {
        let left = max((deadline - clock.now) / .milliseconds(1), 0)
        var readiness = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let count = poll(&readiness, 1, Int32(left.rounded(.up)))
        if count > 0 { return true }
        if count == 0 || errno != EINTR { return false }
    }
}
