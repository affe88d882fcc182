import CLinux
import Dispatch
import Glibc
import SessionClient

/// What a run of `sessionctl` needs from outside, so that a test can stand in for all of it.
package struct Invocation: Sendable {
    package var connect: Connecting
    package var console: any Console
    package var programs: any ProgramRunning
    package var environment: @Sendable (String) -> String?
    /// Unix milliseconds.
    package var now: @Sendable () -> Int64
    package var localTime: LocalTime
    /// Yields when the person or the system asks the process to end; taking it replaces the signals' default action.
    package var interruptions: @Sendable () -> AsyncStream<Void>

    package init(
        connect: @escaping Connecting, console: any Console, programs: any ProgramRunning = SystemPrograms(),
        environment: @escaping @Sendable (String) -> String?, now: @escaping @Sendable () -> Int64,
        localTime: LocalTime, interruptions: @escaping @Sendable () -> AsyncStream<Void>
    ) {
        self.connect = connect
        self.console = console
        self.programs = programs
        self.environment = environment
        self.now = now
        self.localTime = localTime
        self.interruptions = interruptions
    }

    /// The real thing.
    package static func ofThisProcess() -> Invocation {
        Invocation(
            connect: { path throws(SessionError) in try await SessionClient.connect(to: path) },
            console: SystemConsole(), environment: { getenv($0).map { String(cString: $0) } },
            now: { cl_wall_milliseconds() }, localTime: .local, interruptions: signals)
    }

    private static func signals() -> AsyncStream<Void> {
        AsyncStream { continuation in
            // Written once here; afterwards only cancelled, which dispatch allows on any thread. Held by the stream: a
            // source that nobody holds no longer fires.
            nonisolated(unsafe) let sources = [SIGINT, SIGTERM].map { number in
                watchSignal(number) {
                    continuation.yield()
                    // Where the first cannot be heeded, since nobody reads what is written, the second ends the process.
                    signal(number, SIG_DFL)
                }
            }
            continuation.onTermination = { _ in sources.forEach { $0.cancel() } }
        }
    }
}
