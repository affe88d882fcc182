import Dispatch
import Glibc

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

/// Takes over signals and hands them on as values.
///
/// While it lives, these signals no longer have their default action. A signal that comes before the stream is read
/// waits in it.
package final class SignalListener: Sendable {
    /// Ends when the listener is stopped. For one reader.
    package let signals: AsyncStream<ProcessSignal>
    private let continuation: AsyncStream<ProcessSignal>.Continuation
    // libdispatch objects may be used from any thread (dispatch(3)); its overlay on Linux does not say so.
    nonisolated(unsafe) private let sources: [any DispatchSourceSignal]

    /// Call it before the process does anything that a signal should not cut short.
    package init(_ watched: [ProcessSignal] = ProcessSignal.allCases) {
        let (signals, continuation) = AsyncStream.makeStream(of: ProcessSignal.self)
        self.signals = signals
        self.continuation = continuation
        let queue = DispatchQueue(label: "sessiond.signals")
        sources = watched.map { watched in
            let source = DispatchSource.makeSignalSource(signal: watched.number, queue: queue)
            source.setEventHandler { continuation.yield(watched) }
            source.activate()
            // The default action comes first otherwise, and ends the process.
            signal(watched.number, SIG_IGN)
            return source
        }
    }

    deinit { stop() }

    /// Ends the stream. The signals stay ignored: a second SIGTERM must not cut an orderly stop short.
    package func stop() {
        for source in sources { source.cancel() }
        continuation.finish()
    }
}
