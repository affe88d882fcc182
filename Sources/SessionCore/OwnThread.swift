import Glibc

/// A thread for one piece of work, which nothing else runs on and which belongs to no pool.
package enum OwnThread {
    /// The system gives no thread: pthread_create(3) failed with that errno.
    package struct Refused: Error {
        package let errno: Int32
    }

    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    package static func start(_ run: @escaping @Sendable () -> Void) throws(Refused) {
        let body = Unmanaged.passRetained(Body(run))
        // A thread inherits the mask. The daemon's signals are for those that wait for them.
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        var thread = pthread_t()
        let result = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, body.toOpaque())
        pthread_sigmask(SIG_SETMASK, &before, nil)
        guard result == 0 else {
            body.release()
            throw Refused(errno: result)
        }
        pthread_detach(thread)
    }
}
