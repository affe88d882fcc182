/// Why the server cannot listen.
package enum ListenError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Another daemon serves this path. It was left alone.
    case alreadyRunning(path: String)
    /// A path that `sockaddr_un` cannot hold (unix(7): 108 bytes with the final NUL).
    case pathTooLong(path: String, limit: Int)
    case pathNotAbsolute(path: String)
    /// Something that is no socket stands at the path. It was left alone.
    case notASocket(path: String)
    case system(call: String, path: String, errno: Int32)

    package var description: String {
        switch self {
        case .alreadyRunning(let path): "another daemon already listens at \(path)"
        case .pathTooLong(let path, let limit):
            "the socket path is \(path.utf8.count) bytes long and may have \(limit): \(path)"
        case .pathNotAbsolute(let path): "the socket path must begin with a slash: \(path)"
        case .notASocket(let path): "\(path) exists and is no socket; move it away or choose another path"
        case .system(let call, let path, let number): "\(call) \(path): \(Errno(number).text)"
        }
    }
}
