import CLinux
import Glibc

/// System calls on a connected Unix stream socket. None blocks but `connect`.
enum StreamSocket {
    /// How long connect(2) waits for room in the server's backlog.
    static let connectSeconds = 5

    /// Why there is no connection.
    enum Failure: Error {
        /// Nobody listens there: another place may be tried.
        case absent(SessionError)
        case refused(SessionError)
    }

    /// Connects to the first place where somebody listens. Blocks for up to `connectSeconds`.
    static func connect(toFirstOf paths: [String], trust: ServerTrust) throws(SessionError) -> (Int32, String) {
        var absence: SessionError?
        for path in paths {
            do {
                return (try connect(to: path, trust: trust), path)
            } catch {
                switch error {
                case .refused(let error): throw error
                case .absent(let error): absence = absence ?? error
                }
            }
        }
        throw absence ?? .unavailable("no place to look for the daemon")
    }

    private static func connect(to path: String, trust: ServerTrust) throws(Failure) -> Int32 {
        var address = sockaddr_un()
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard path.utf8.count < room, !path.isEmpty, !path.utf8.contains(0) else {
            throw .refused(.unavailable("a socket path has 1 to \(room - 1) bytes; this one has \(path.utf8.count)"))
        }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let descriptor = cl_unix_stream_socket()
        guard descriptor >= 0 else { throw .refused(failure(path, errno)) }
        // connect(2) on a Unix socket waits for room in the backlog, for as long as SO_SNDTIMEO allows.
        var limit = timeval(tv_sec: connectSeconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout.size(ofValue: limit)))
        let size = socklen_t(MemoryLayout.size(ofValue: address))
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, size) }
        }
        let code = errno
        guard result == 0 else {
            Glibc.close(descriptor)
            if code == ENOENT || code == ECONNREFUSED || code == ENOTDIR { throw .absent(failure(path, code)) }
            throw .refused(failure(path, code))
        }
        do {
            try trust.check(descriptor, path: path)
        } catch {
            Glibc.close(descriptor)
            throw .refused(error)
        }
        return descriptor
    }

    private static func failure(_ path: String, _ code: Int32) -> SessionError {
        switch code {
        case ENOENT, ENOTDIR, ECONNREFUSED:
            return .unavailable("sessiond does not run: nobody listens at \(path)")
        case EACCES, EPERM:
            let message = "no permission to connect to \(path); be a member of the group that owns the socket"
            return SessionError(kind: .permissionDenied, message: message)
        case EAGAIN: return .unavailable("sessiond does not take connections at \(path)")
        default: return .unavailable("cannot connect to \(path): \(String(cString: strerror(code)))")
        }
    }

    /// Bytes that the socket took; nil where it takes none at present or ever. A socket that takes none ever is also
    /// at its end for reading, which is where the end is dealt with: what the server said last is still to be read.
    static func send(_ descriptor: Int32, _ bytes: ArraySlice<UInt8>) -> Int? {
        while true {
            let count = bytes.withUnsafeBytes {
                Glibc.send(
                    descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
            }
            if count > 0 { return count }
            if count < 0, errno == EINTR { continue }
            return nil
        }
    }

    /// What a read brought.
    enum Reading {
        case bytes(Int)
        case nothingYet
        case end
    }

    static func receive(_ descriptor: Int32, into buffer: inout [UInt8]) -> Reading {
        let count = buffer.withUnsafeMutableBytes {
            recv(descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT))
        }
        if count > 0 { return .bytes(count) }
        if count < 0, errno == EAGAIN || errno == EINTR { return .nothingYet }
        return .end
    }
}
