import Glibc

/// Why a secret cannot be had. Tells nothing of the file's content.
package enum SecretFault: Error, Sendable, Hashable {
    /// A credential is wanted, and no service manager has handed in any.
    case noCredentials
    case absent
    /// A system call's error number.
    case unreadable(Int32)
    case notRegularFile
    case tooLarge
    case empty
    /// No UTF-8, or a control character in it, such as a second line or a zero byte.
    case notOneLine
}

extension SecretFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noCredentials: "the service manager has handed in no credentials"
        case .absent: "there is no such file"
        case .unreadable(let number): "cannot be read: \(strerror(number).map { String(cString: $0) } ?? "\(number)")"
        case .notRegularFile: "this is no regular file"
        case .tooLarge: "the file is larger than \(SecretFile.byteLimit / 1024) KiB"
        case .empty: "the file is empty"
        case .notOneLine: "the file is not one line of UTF-8 text"
        }
    }
}
