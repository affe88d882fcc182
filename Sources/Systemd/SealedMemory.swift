import CLinux
import Glibc

/// Bytes in memory that outlive the process where the manager keeps a descriptor of them: nobody can change them any
/// more, neither this process nor the manager nor whoever else gets the descriptor.
package enum SealedMemory {
    /// Runs the body with a descriptor of such memory, which is closed after it.
    static func with<Answer>(
        _ bytes: [UInt8], named name: String, _ body: (Int32) throws(ServiceManagerError) -> Answer
    ) throws(ServiceManagerError) -> Answer {
        let descriptor = cl_sealed_memory(name, bytes, bytes.count)
        guard descriptor >= 0 else { throw .failed(call: "memfd_create", errno: errno) }
        defer { close(descriptor) }
        return try body(descriptor)
    }

    /// Why a descriptor that was kept is not read.
    package enum Refusal: Error, Sendable, Hashable, CustomStringConvertible {
        case notSealed
        case tooLarge(Int64, limit: Int)
        case failed(errno: Int32)

        package var description: String {
            switch self {
            case .notSealed: "it is no sealed memory: what it says could change"
            case .tooLarge(let size, let limit): "it has \(size) bytes, and \(limit) at most were ever kept"
            case .failed(let number): "it cannot be read: \(errorText(number))"
            }
        }
    }

    /// All of it. Nothing is read of what could change meanwhile, and the descriptor's offset stays where it is, as the
    /// manager's duplicate shares it.
    package static func read(_ descriptor: Int32, limit: Int) throws(Refusal) -> [UInt8] {
        let size = cl_sealed_size(descriptor)
        guard size >= 0 else { throw errno == EINVAL || errno == EPERM ? .notSealed : .failed(errno: errno) }
        guard size <= Int64(limit) else { throw .tooLarge(size, limit: limit) }
        var bytes = [UInt8](repeating: 0, count: Int(size))
        var start = 0
        while start < bytes.count {
            let count = bytes.withUnsafeMutableBytes { buffer in
                pread(descriptor, buffer.baseAddress.map { $0 + start }, buffer.count - start, off_t(start))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .failed(errno: count < 0 ? errno : EIO) }
            start += count
        }
        return bytes
    }
}
