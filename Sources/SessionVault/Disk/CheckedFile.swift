import Glibc

/// Why a file could not be read, or was not believed.
package enum FileFault: Error, Sendable, Hashable, CustomStringConvertible {
    case failure(FileFailure)
    case refused(FileRefusal)

    /// Definitely not there. Anything else may be there and out of reach.
    var isAbsence: Bool {
        guard case .failure(let failure) = self else { return false }
        return failure.code == ENOENT && (failure.operation == .open || failure.operation == .openFolder)
    }

    /// The kernel forbids it to this user, or on this file system: no attempt will do better.
    package var isForbidden: Bool {
        guard case .failure(let failure) = self else { return false }
        return [EACCES, EPERM, EROFS].contains(failure.code)
    }

    package var description: String {
        switch self {
        case .failure(let failure): failure.description
        case .refused(let refusal): refusal.description
        }
    }
}

/// Who may own a file that is about to be believed, and how open it may be.
struct FileRules {
    var mayBelongToRoot = false
    var mayBelongToAnybody = false
    /// Permission bits that must not be set.
    var forbiddenMode: UInt32 = 0o077
    /// Those of them that are forgiven where root owns the file.
    var forgivenFromRoot: UInt32 = 0
    /// Bytes.
    var limit: Int

    func refusal(of status: FileStatus, user: UInt32 = geteuid()) -> FileRefusal? {
        guard status.kind == .regular else { return .notRegularFile }
        let isRoots = mayBelongToRoot && status.owner == 0
        guard status.owner == user || isRoots || mayBelongToAnybody else { return .owner(status.owner) }
        guard status.mode & forbiddenMode & ~(isRoots ? forgivenFromRoot : 0) == 0 else { return .mode(status.mode) }
        guard status.size <= limit else { return .tooLarge(limit: limit) }
        return nil
    }
}

/// A file read whole from an open folder, after its owner and mode were checked on the descriptor itself.
struct CheckedFile {
    var bytes: [UInt8]
    let status: FileStatus

    /// `syncing` makes sure that what was read survives a power cut.
    static func read(
        _ name: String, in folder: borrowing FileDescriptor, rules: FileRules, syncing: Bool = false,
        using files: any FileOperations
    ) throws(FileFault) -> CheckedFile {
        let file = try open(name, in: folder, using: files)
        return try read(file, rules: rules, syncing: syncing, using: files)
    }

    static func read(
        _ file: borrowing FileDescriptor, rules: FileRules, syncing: Bool = false, using files: any FileOperations
    ) throws(FileFault) -> CheckedFile {
        let status: FileStatus
        do {
            status = try files.status(of: file)
        } catch {
            throw .failure(error)
        }
        if let refusal = rules.refusal(of: status) { throw .refused(refusal) }
        let bytes: [UInt8]?
        do {
            bytes = try contents(of: file, limit: rules.limit, using: files)
            if syncing { try files.sync(file) }
        } catch {
            throw .failure(error)
        }
        guard let bytes else { throw .refused(.tooLarge(limit: rules.limit)) }
        return CheckedFile(bytes: bytes, status: status)
    }

    static func open(
        _ name: String, in folder: borrowing FileDescriptor, using files: any FileOperations
    ) throws(FileFault) -> FileDescriptor {
        do {
            return try files.open(name, in: folder)
        } catch {
            throw error.code == ELOOP ? .refused(.symbolicLink) : .failure(error)
        }
    }

    /// Nil where the file has grown past the limit since it was measured.
    private static func contents(
        of file: borrowing FileDescriptor, limit: Int, using files: any FileOperations
    ) throws(FileFailure) -> [UInt8]? {
        var bytes: [UInt8] = []
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 16_384, alignment: 1)
        defer {
            // Key files pass through here.
            wipe(chunk)
            chunk.deallocate()
        }
        while true {
            let count = try files.read(file, into: chunk)
            if count == 0 { return bytes }
            bytes.append(contentsOf: chunk[..<count])
            if bytes.count > limit { return nil }
        }
    }
}
