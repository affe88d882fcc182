import Dispatch

/// Takes a signal over from its default action, and returns once that is so.
///
/// libdispatch installs its handler some time after `resume` has returned. A signal in between would be lost where it
/// is ignored meanwhile, and so would the person's wish to stop.
func watchSignal(_ number: Int32, _ handler: @escaping @Sendable () -> Void) -> any DispatchSourceSignal {
    let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
    let isRegistered = DispatchSemaphore(value: 0)
    source.setRegistrationHandler { isRegistered.signal() }
    source.setEventHandler { handler() }
    source.resume()
    isRegistered.wait()
    return source
}
