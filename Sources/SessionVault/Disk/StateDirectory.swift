import CLinux
import Glibc

/// Why the state directory cannot be used.
package enum StateDirectoryError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Another daemon holds its lock.
    case inUse
    case refused(FileRefusal)
    case failure(FileFailure)

    package var description: String {
        switch self {
        case .inUse: "the state directory is in use by another sessiond: stop that one or name another directory"
        case .refused(let refusal): "the state directory \(refusal)"
        case .failure(let failure): "the state directory cannot be opened (\(failure))"
        }
    }
}

/// The daemon's own directory: 0700, its user's, and held under a lock for as long as this value lives.
package final class StateDirectory: Sendable {
    /// As it was resolved; other stores put their files here too.
    package let path: String
    let folder: FileDescriptor
    /// flock(2) goes with the last descriptor, so a killed daemon leaves no stale lock.
    private let lock: FileDescriptor

    private init(path: String, folder: consuming FileDescriptor, lock: consuming FileDescriptor) {
        self.path = path
        self.folder = folder
        self.lock = lock
    }

    /// Opens the directory, creating it and its missing parents with mode 0700, and takes its lock.
    ///
    /// A directory that others may read is closed to them; one that others may write to is refused.
    package static func open(_ path: String) throws(StateDirectoryError) -> StateDirectory {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        try createMissing(path)
        path = try resolved(path)
        let folder = try descriptor(.openFolder) { cl_open(path, O_RDONLY | O_DIRECTORY, 0) }
        try checkFolder(folder)
        let lock = try takeLock(in: folder)
        return StateDirectory(path: path, folder: folder, lock: lock)
    }

    /// systemd presents the directory of a dynamic user as root's link into a private place. Only that is followed:
    /// a link that anybody else made, or that root's own daemon meets, may lead where its maker wants.
    static func isTrustedLink(owner: UInt32, user: UInt32) -> Bool {
        owner == 0 && user != 0
    }

    /// Writes into the lock's file, which nobody but its holder writes, the key that this daemon seals with: `sessionctl
    /// key rotate --finish` takes no other key away before it has read that. What could not be written makes it wait.
    func announce(_ key: KeyID) {
        let line = Array(Self.announcement(of: key.description).utf8)
        guard ftruncate(lock.number, 0) == 0 else { return }
        _ = line.withUnsafeBytes { pwrite(lock.number, $0.baseAddress, $0.count, 0) }
    }

    /// Leaves a mark that what a service manager keeps is older than what callers were told, or takes it away. It need
    /// not survive the machine: neither does what it speaks of.
    func distrustImages(_ isDistrusted: Bool) {
        if isDistrusted {
            let mark = cl_openat(folder.number, Self.distrustName, O_WRONLY | O_CREAT, 0o600)
            // A disk that refuses an empty file refuses records too, so that nobody is told of any.
            if mark >= 0 { close(mark) }
        } else {
            unlinkat(folder.number, Self.distrustName, 0)
        }
    }

    var distrustsImages: Bool { faccessat(folder.number, Self.distrustName, F_OK, AT_SYMLINK_NOFOLLOW) == 0 }

    static let distrustName = "images-are-old"
    static let lockName = "lock"
    static func announcement(of key: String) -> String { "key \(key)\n" }

    private static func resolved(_ path: String) throws(StateDirectoryError) -> String {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw .failure(FileFailure(.status, code: errno)) }
        guard status.st_mode & S_IFMT == S_IFLNK else { return path }
        guard isTrustedLink(owner: status.st_uid, user: geteuid()) else { throw .refused(.symbolicLink) }
        guard let real = realpath(path, nil) else { throw .failure(FileFailure(.openFolder, code: errno)) }
        defer { free(real) }
        return String(cString: real)
    }

    private static func createMissing(_ path: String) throws(StateDirectoryError) {
        var status = stat()
        if lstat(path, &status) == 0 { return }
        guard errno == ENOENT else { throw .failure(FileFailure(.status, code: errno)) }
        let parent = parent(of: path)
        if parent != path { try createMissing(parent) }
        if mkdir(path, 0o700) != 0, errno != EEXIST { throw .failure(FileFailure(.makeFolder, code: errno)) }
        do {
            try LinuxFiles().sync(LinuxFiles().openFolder(path: parent))
        } catch {
            // A parent that may be searched and not read cannot be opened for fsync(2): once, everything is synced.
            guard error.code == EACCES else { throw .failure(error) }
            sync()
        }
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func checkFolder(_ folder: borrowing FileDescriptor) throws(StateDirectoryError) {
        let refusal: FileRefusal?
        do {
            refusal = try FolderRules.apply(to: folder, using: LinuxFiles())
        } catch {
            throw .failure(error)
        }
        if let refusal { throw .refused(refusal) }
    }

    private static func takeLock(in folder: borrowing FileDescriptor) throws(StateDirectoryError) -> FileDescriptor {
        let number = folder.number
        let lock = try descriptor(.open) { cl_openat(number, lockName, O_RDWR | O_CREAT | O_NONBLOCK, 0o600) }
        let lockNumber = lock.number
        guard flock(lockNumber, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            throw code == EWOULDBLOCK ? .inUse : .failure(FileFailure(.open, code: code))
        }
        // What an earlier daemon has told about itself is no longer true.
        _ = ftruncate(lockNumber, 0)
        return lock
    }

    private static func descriptor(
        _ operation: FileOperation, _ call: () -> Int32
    ) throws(StateDirectoryError) -> FileDescriptor {
        let number = call()
        guard number < 0 else { return FileDescriptor(owning: number) }
        switch errno {
        case ELOOP: throw .refused(.symbolicLink)
        case ENOTDIR: throw .refused(.notFolder)
        case let code: throw .failure(FileFailure(operation, code: code))
        }
    }
}

/// What a folder of the vault must be: its user's, and closed to others.
enum FolderRules {
    /// Closes a folder that others may read; a refusal where it is not the user's own, or others may write to it.
    static func apply(
        to folder: borrowing FileDescriptor, using files: any FileOperations
    ) throws(FileFailure) -> FileRefusal? {
        let status = try files.status(of: folder)
        guard status.kind == .folder else { return .notFolder }
        guard status.owner == geteuid() else { return .owner(status.owner) }
        guard status.mode & 0o022 == 0 else { return .mode(status.mode) }
        if status.mode & 0o077 != 0 { try files.setMode(0o700, of: folder) }
        return nil
    }
}
