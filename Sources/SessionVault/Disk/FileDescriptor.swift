import Glibc

/// Owns one open descriptor and closes it when it goes.
package struct FileDescriptor: ~Copyable, Sendable {
    let number: Int32

    init(owning number: Int32) {
        self.number = number
    }

    deinit {
        // close(2) frees the number whatever it answers, and what matters was fsynced before.
        _ = close(number)
    }
}
