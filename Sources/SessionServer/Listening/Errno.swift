import Glibc

/// An error number of the kernel with its name for people.
struct Errno {
    let number: Int32

    init(_ number: Int32) { self.number = number }

    /// `strerror` shares one buffer between threads; its GNU variant with a buffer does not.
    var text: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let base = buffer.baseAddress, strerror_r(number, base, buffer.count) == 0 else {
                return "error \(number)"
            }
            return String(cString: base)
        }
    }
}
