import CLinux
import Glibc

/// A configuration file's bytes, and what its permissions let others do.
struct ConfigurationText: Sendable {
    /// More than any configuration needs, and little enough to read at once.
    static let maximumBytes = 1 << 20

    var path: String
    var bytes: [UInt8]
    var isReadableByOthers = false
    var isWritableByOthers = false

    init(path: String, bytes: [UInt8], isReadableByOthers: Bool = false, isWritableByOthers: Bool = false) {
        self.path = path
        self.bytes = bytes
        self.isReadableByOthers = isReadableByOthers
        self.isWritableByOthers = isWritableByOthers
    }

    /// Reads a file; nil where there is none.
    static func read(_ path: String) throws(ConfigurationProblem) -> ConfigurationText? {
        // Without O_NONBLOCK a fifo in the file's place would hold up the start for ever.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw unreadable(path, errno)
        }
        defer { close(descriptor) }
        var file = cl_file()
        guard cl_file_of(descriptor, &file) == 0 else { throw unreadable(path, errno) }
        guard file.is_regular != 0 else {
            throw ConfigurationProblem(file: path, message: "this is no regular file", remedy: "put a YAML file there")
        }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= maximumBytes {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw unreadable(path, errno) }
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        return ConfigurationText(
            path: path, bytes: bytes, isReadableByOthers: file.mode & 0o004 != 0,
            isWritableByOthers: file.mode & 0o002 != 0)
    }

    static func unreadable(_ path: String, _ number: Int32) -> ConfigurationProblem {
        let reason = strerror(number).map { String(cString: $0) } ?? "error \(number)"
        return ConfigurationProblem(
            file: path, message: "cannot be read: \(reason)", remedy: "let the daemon's user read it")
    }
}

extension ConfigurationProblem: Error {}
