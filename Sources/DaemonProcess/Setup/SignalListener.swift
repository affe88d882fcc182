import Dispatch
import Glibc
import Synchronization

/// A signal that the daemon acts on.
package enum ProcessSignal: Sendable, Hashable, CaseIterable {
    /// SIGTERM: stop in order.
    case terminate
    /// SIGINT, from a terminal: stop in order.
    case interrupt
    /// SIGHUP: read the configuration again.
    case hangUp

    package var number: Int32 {
        switch self {
        case .terminate: SIGTERM
        case .interrupt: SIGINT
        case .hangUp: SIGHUP
        }
    }
}

/// Takes over signals and hands them on as values, from the moment it exists: none is lost, whichever thread it meets.
///
/// A handler that writes into a pipe is all that runs in signal context. A dispatch signal source would be installed
/// some time after it is made, and needs the signal ignored, so that one in between would be dropped.
package final class SignalListener: Sendable {
    /// Ends when the listener is stopped. For one reader.
    package let signals: AsyncStream<ProcessSignal>
    private let continuation: AsyncStream<ProcessSignal>.Continuation
    private let watched: [ProcessSignal]
    // libdispatch objects may be used from any thread (dispatch(3)); its overlay on Linux does not say so.
    nonisolated(unsafe) private let source: any DispatchSourceRead

    /// Call it before the process does anything that a signal should not cut short, and once: handlers belong to the
    /// process. A second listener fails with EBUSY.
    package init(_ watched: [ProcessSignal] = ProcessSignal.allCases) throws(LinuxError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw LinuxError(call: "pipe", errno: errno) }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        let (reading, writing) = (ends[0], ends[1])
        guard signalPipe.compareExchange(expected: -1, desired: writing, ordering: .sequentiallyConsistent).exchanged
        else {
            close(reading)
            close(writing)
            throw LinuxError(call: "signal listener", errno: EBUSY)
        }
        let (signals, continuation) = AsyncStream.makeStream(of: ProcessSignal.self)
        self.signals = signals
        self.continuation = continuation
        self.watched = watched
        source = DispatchSource.makeReadSource(
            fileDescriptor: reading, queue: DispatchQueue(label: "sessiond.signals"))
        source.setEventHandler {
            var numbers = [UInt8](repeating: 0, count: 64)
            let count = read(reading, &numbers, numbers.count)
            for number in numbers.prefix(max(0, count)) {
                if let received = ProcessSignal.allCases.first(where: { $0.number == Int32(number) }) {
                    continuation.yield(received)
                }
            }
        }
        source.activate()
        for watched in watched { signal(watched.number, forwardSignal) }
    }

    deinit { stop() }

    /// Ends the stream. The signals are ignored from then on: a second SIGTERM must not cut an orderly stop short.
    ///
    /// The pipe stays open for the rest of the process, as a handler may still be at work on another thread.
    package func stop() {
        for watched in watched { signal(watched.number, SIG_IGN) }
        source.cancel()
        continuation.finish()
    }
}

/// Where the handler writes, -1 while there is no listener. Initialised before any handler can run.
private let signalPipe = Atomic<Int32>(-1)

/// In signal context: one atomic load and one write(2), both allowed there (signal-safety(7)), errno kept. The pipe is
/// full only behind thousands of signals that wait to be read.
private func forwardSignal(_ number: Int32) {
    let saved = errno
    var byte = UInt8(truncatingIfNeeded: number)
    _ = write(signalPipe.load(ordering: .sequentiallyConsistent), &byte, 1)
    errno = saved
}
