import Glibc

func monotonicMicroseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1000
}

func errorText(_ number: Int32) -> String {
    // glibc keeps the text in a buffer of the thread's own (since 2.32).
    strerror(number).map { String(cString: $0) } ?? "error \(number)"
}

/// A variable of this process, nil where it is unset or empty.
func processVariable(_ name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return String(cString: value)
}
