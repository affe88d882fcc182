import Synchronization

/// The mark that what the service manager keeps may be older than what callers were told.
///
/// It is set for a version of the image and goes with that one or a later: whoever sets it and whoever takes it away are
/// different threads, and neither may undo what the other has said of a newer version.
final class ImageMark: Sendable {
    /// The version that has not arrived; nil where there is no mark. The last process may have left one.
    private let missing = Mutex<UInt64?>(0)
    private let write: @Sendable (Bool) -> Void

    /// - Parameter write: sets the mark, or takes it away. Called by one thread at a time; it may wait for the disk, and
    ///   callers that come meanwhile wait for it too: the mark is there before anybody is told.
    init(write: @escaping @Sendable (Bool) -> Void) { self.write = write }

    /// This version has not arrived.
    func set(for version: UInt64) {
        missing.withLock { missing in
            write(true)
            missing = max(missing ?? 0, version)
        }
    }

    /// This version has arrived, and with it all before it.
    func clear(upTo version: UInt64) {
        missing.withLock { missing in
            guard let newest = missing, newest <= version else { return }
            write(false)
            missing = nil
        }
    }
}
