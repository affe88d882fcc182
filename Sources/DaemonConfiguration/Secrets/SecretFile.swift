import CLinux
import Glibc
import SessionCore

/// A secret in a file of its own.
struct SecretFile {
    static let byteLimit = 65_536

    let secret: Secret
    let isReadableByOthers: Bool

    /// Reads it now. Line ends behind the secret are no part of it. Symbolic links are followed: that is how many
    /// tools replace a secret.
    static func read(_ path: String) throws(SecretFault) -> SecretFile {
        // Without O_NONBLOCK a fifo in the file's place would hold up the caller for ever.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else {
            throw errno == ENOENT || errno == ENOTDIR ? .absent : .unreadable(errno)
        }
        defer { close(descriptor) }
        var file = cl_file()
        guard cl_file_of(descriptor, &file) == 0 else { throw .unreadable(errno) }
        guard file.is_regular != 0 else { throw .notRegularFile }
        return SecretFile(
            secret: try secret(in: try content(of: descriptor)), isReadableByOthers: file.mode & 0o004 != 0)
    }

    private static func content(of descriptor: Int32) throws(SecretFault) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .unreadable(errno) }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= byteLimit else { throw .tooLarge }
        }
    }

    private static func secret(in content: [UInt8]) throws(SecretFault) -> Secret {
        var bytes = content[...]
        while let last = bytes.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") { bytes.removeLast() }
        // What goes into a header must not break out of it.
        guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }), let text = String(validating: bytes, as: UTF8.self)
        else { throw .notOneLine }
        guard let secret = Secret(text) else { throw .empty }
        return secret
    }
}
