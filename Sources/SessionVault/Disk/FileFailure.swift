import Glibc

/// What the vault asks of the disk.
package enum FileOperation: String, Sendable, Hashable, CaseIterable {
    case openFolder, makeFolder, open, create, status, read, write, sync, setMode
    case rename, renameNoReplace, link, unlink, list, setOwner, lock
}

/// A refused file operation, with the kernel's reason.
package struct FileFailure: Error, Sendable, Hashable, CustomStringConvertible {
    package let operation: FileOperation
    /// The errno.
    package let code: Int32

    init(_ operation: FileOperation, code: Int32) {
        self.operation = operation
        self.code = code
    }

    /// For the log, such as "sync: Input/output error (errno 5)".
    package var description: String {
        "\(operation.rawValue): \(String(cString: strerror(code))) (errno \(code))"
    }
}

/// Why a file or folder is not trusted although it can be reached. All of these are for an administrator to mend.
package enum FileRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    case symbolicLink
    case notRegularFile
    case notFolder
    case owner(UInt32)
    /// Permission bits that let others read or write it.
    case mode(UInt32)
    case tooLarge(limit: Int)

    package var description: String {
        switch self {
        case .symbolicLink: "is a symbolic link: name the file or folder itself"
        case .notRegularFile: "is not a regular file"
        case .notFolder: "is not a folder"
        case .owner(let uid): "belongs to uid \(uid): it must belong to the daemon's user"
        case .mode(let mode): "is open to others (mode 0\(String(mode, radix: 8))): chmod go-rwx it"
        case .tooLarge(let limit): "is larger than \(limit) bytes"
        }
    }
}
