import Glibc

extension InheritedSocket {
    /// Closes the connections that wait to be accepted, so that their clients learn at once that nobody will serve them.
    ///
    /// For a service that ends without ever serving: a manager that finds the queue filled starts it again the moment it
    /// has ended, until its start limit takes the socket down with it. Whoever connects later has it started anew.
    package func turnAwayWaiting() {
        let flags = fcntl(descriptor, F_GETFL)
        // Without it the last call would wait for another client.
        guard flags >= 0, fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0 else { return }
        // A bound, for clients may come as fast as they are turned away; no queue is longer by default.
        for _ in 0..<4096 {
            let client = accept(descriptor, nil, nil)
            if client >= 0 {
                close(client)
            } else if errno != EINTR && errno != ECONNABORTED {
                return
            }
        }
    }
}
