import Glibc

/// A system call that failed.
package struct LinuxError: Error, Sendable, Hashable, CustomStringConvertible {
    package let call: String
    package let errno: Int32

    package init(call: String, errno: Int32) {
        self.call = call
        self.errno = errno
    }

    package var description: String {
        // glibc keeps the text in a buffer of the thread's own (since 2.32).
        "\(call) failed: \(strerror(errno).map { String(cString: $0) } ?? "error \(errno)")"
    }
}
