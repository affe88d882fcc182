import CLinux
import Dispatch
import Glibc

/// Tells when the wall clock was set or the machine has resumed: the moments to look at every deadline again.
package final class ClockStepWatcher: Sendable {
    // libdispatch objects may be used from any thread (dispatch(3)); its overlay on Linux does not say so.
    nonisolated(unsafe) private let source: any DispatchSourceRead

    /// - Parameter onStep: called on a queue of the watcher's own, once a step, until `stop` or the watcher's end.
    package convenience init(onStep: @escaping @Sendable () -> Void) throws(LinuxError) {
        let timer = cl_clock_step_timer()
        guard timer >= 0 else { throw LinuxError(call: "timerfd_create", errno: errno) }
        self.init(descriptor: timer, wait: cl_clock_step_wait, onStep: onStep)
    }

    /// - Parameters:
    ///   - descriptor: readable when the clock may have stepped; closed by the watcher.
    ///   - wait: takes what is readable; 1 on a step, 0 on anything else, -1 where the descriptor is of no more use.
    init(descriptor: Int32, wait: @escaping @Sendable (Int32) -> Int32, onStep: @escaping @Sendable () -> Void) {
        // Its handlers hold the source until it is cancelled, which `deinit` does at the latest.
        nonisolated(unsafe) let source = DispatchSource.makeReadSource(
            fileDescriptor: descriptor, queue: DispatchQueue(label: "sessiond.clock"))
        self.source = source
        source.setEventHandler {
            switch wait(descriptor) {
            case 1: onStep()
            case 0: break
            default: source.cancel()
            }
        }
        // The descriptor may be closed only when the source has let go of it.
        source.setCancelHandler { close(descriptor) }
        source.activate()
    }

    deinit { source.cancel() }

    /// No call begins after the one that may be running.
    package func stop() { source.cancel() }
}
