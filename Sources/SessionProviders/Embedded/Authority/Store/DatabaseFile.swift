import CLinux
import Glibc

/// The database's place on the disk.
///
/// The file has users' password hashes and the signing key in it, so it is its owner's alone before SQLite first
/// writes to it; SQLite gives its `-wal` and `-shm` files the same mode.
struct DatabaseFile: Sendable {
    /// Which file it is, whatever it is called.
    struct Identity: Sendable, Hashable {
        fileprivate let device: UInt64
        fileprivate let number: UInt64

        fileprivate init(_ file: cl_file) {
            device = file.device
            number = file.number
        }
    }

    let path: String

    /// Creates the file where there is none, and refuses one that is not this user's own.
    ///
    /// An existing file is looked at without being opened: closing it again would drop the locks that SQLite holds on
    /// it in this process (POSIX record locks go with the first descriptor that is closed).
    func prepare() throws(AuthorityError) -> Identity {
        var file = cl_file()
        if cl_link_at(path, &file) != 0 {
            guard errno == ENOENT else { throw Self.fault(errno) }
            try create()
            guard cl_link_at(path, &file) == 0 else { throw Self.fault(errno) }
        }
        guard file.is_regular != 0 else { throw .unusable(.unreadable) }
        guard file.owner == geteuid() else { throw .unusable(.foreign) }
        if file.mode & 0o077 != 0, chmod(path, 0o600) != 0 { throw Self.fault(errno) }
        return Identity(file)
    }

    /// nil where there is no file.
    func identity() -> Identity? {
        var file = cl_file()
        return cl_link_at(path, &file) == 0 ? Identity(file) : nil
    }

    private func create() throws(AuthorityError) {
        let file = cl_open(path, O_RDWR | O_CREAT | O_EXCL, 0o600)
        // Another process may have been first.
        guard file >= 0 || errno == EEXIST else { throw Self.fault(errno) }
        if file >= 0 { close(file) }
        // The name must survive a power cut as well as what SQLite will write under it.
        let folder = cl_open(folderPath, O_RDONLY | O_DIRECTORY, 0)
        guard folder >= 0 else { throw Self.fault(errno) }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw Self.fault(errno) }
    }

    private var folderPath: String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func fault(_ code: Int32) -> AuthorityError {
        switch code {
        case EACCES, EPERM, ENOENT, ENOTDIR, ELOOP, EISDIR, ENAMETOOLONG: .unusable(.unreadable)
        default: .unavailable
        }
    }
}
