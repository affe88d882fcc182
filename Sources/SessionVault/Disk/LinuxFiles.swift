import CLinux
import Glibc

/// The kernel's own file operations. Interrupted calls are repeated.
struct LinuxFiles: FileOperations {
    typealias Rename = @Sendable (UnsafePointer<CChar>?, UnsafePointer<CChar>?) -> Int32

    private let renameNoReplace: Rename

    /// Tests stand in for a file system that lacks RENAME_NOREPLACE.
    init(renameNoReplace: @escaping Rename = { cl_rename_no_replace($0, $1) }) {
        self.renameNoReplace = renameNoReplace
    }

    func openFolder(path: String) throws(FileFailure) -> FileDescriptor {
        // The dot makes the kernel follow a link in the last component; O_NOFOLLOW is about the dot.
        try owning(.openFolder) { cl_open(path + "/.", O_RDONLY | O_DIRECTORY, 0) }
    }

    func openFolder(_ name: String, in folder: borrowing FileDescriptor) throws(FileFailure) -> FileDescriptor {
        let number = folder.number
        return try owning(.openFolder) { cl_openat(number, name, O_RDONLY | O_DIRECTORY, 0) }
    }

    func makeFolder(_ name: String, in folder: borrowing FileDescriptor) throws(FileFailure) {
        let number = folder.number
        try check(.makeFolder) { mkdirat(number, name, 0o700) }
    }

    func open(_ name: String, in folder: borrowing FileDescriptor) throws(FileFailure) -> FileDescriptor {
        let number = folder.number
        return try owning(.open) { cl_openat(number, name, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0) }
    }

    func create(_ name: String, in folder: borrowing FileDescriptor) throws(FileFailure) -> FileDescriptor {
        let number = folder.number
        return try owning(.create) { cl_openat(number, name, O_WRONLY | O_CREAT | O_EXCL, 0o600) }
    }

    func status(of file: borrowing FileDescriptor) throws(FileFailure) -> FileStatus {
        let number = file.number
        var status = stat()
        try check(.status) { fstat(number, &status) }
        return FileStatus(status)
    }

    func read(_ file: borrowing FileDescriptor, into buffer: UnsafeMutableRawBufferPointer) throws(FileFailure) -> Int {
        let number = file.number
        return try check(.read) { Glibc.read(number, buffer.baseAddress, buffer.count) }
    }

    func write(_ bytes: UnsafeRawBufferPointer, to file: borrowing FileDescriptor) throws(FileFailure) -> Int {
        let number = file.number
        return try check(.write) { Glibc.write(number, bytes.baseAddress, bytes.count) }
    }

    func sync(_ file: borrowing FileDescriptor) throws(FileFailure) {
        let number = file.number
        try check(.sync) { fsync(number) }
    }

    func setMode(_ mode: UInt32, of file: borrowing FileDescriptor) throws(FileFailure) {
        let number = file.number
        try check(.setMode) { fchmod(number, mode) }
    }

    func setOwner(_ owner: UInt32, group: UInt32, of file: borrowing FileDescriptor) throws(FileFailure) {
        let number = file.number
        try check(.setOwner) { fchown(number, owner, group) }
    }

    func lock(_ file: borrowing FileDescriptor) throws(FileFailure) -> Bool {
        let number = file.number
        do {
            try check(.lock) { flock(number, LOCK_EX | LOCK_NB) }
            return true
        } catch  where error.code == EWOULDBLOCK {
            return false
        }
    }

    func rename(_ name: String, to: String, in folder: borrowing FileDescriptor) throws(FileFailure) {
        let number = folder.number
        try check(.rename) { renameat(number, name, number, to) }
    }

    /// Where a file system has no RENAME_NOREPLACE (EINVAL), a hard link refuses a taken name just as well.
    func renameNoReplace(_ name: String, to: String, in folder: borrowing FileDescriptor) throws(FileFailure) {
        let number = folder.number
        // The shim takes paths: the descriptor's own entry in /proc keeps both names in this very folder.
        let base = "/proc/self/fd/\(number)/"
        do {
            try check(.renameNoReplace) { renameNoReplace(base + name, base + to) }
        } catch  where failure(error, isOneOf: [EINVAL, ENOSYS]) {
            try check(.renameNoReplace) { linkat(number, name, number, to, 0) }
            try check(.renameNoReplace) { unlinkat(number, name, 0) }
        }
    }

    func link(_ name: String, to: String, in folder: borrowing FileDescriptor) throws(FileFailure) {
        let number = folder.number
        try check(.link) { linkat(number, name, number, to, 0) }
    }

    func unlink(_ name: String, in folder: borrowing FileDescriptor) throws(FileFailure) {
        let number = folder.number
        try check(.unlink) { unlinkat(number, name, 0) }
    }

    func names(in folder: borrowing FileDescriptor) throws(FileFailure) -> [String] {
        // fdopendir(3) takes the descriptor over, and a descriptor of its own starts at the first entry.
        let number = folder.number
        let own = try check(.list) { cl_openat(number, ".", O_RDONLY | O_DIRECTORY, 0) }
        guard let stream = fdopendir(own) else {
            let code = errno
            _ = close(own)
            throw FileFailure(.list, code: code)
        }
        defer { _ = closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw FileFailure(.list, code: errno) }
                return names
            }
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
    }

    private func owning(_ operation: FileOperation, _ call: () -> Int32) throws(FileFailure) -> FileDescriptor {
        FileDescriptor(owning: try check(operation, call))
    }

    @discardableResult
    private func check<Number: SignedInteger>(
        _ operation: FileOperation, _ call: () -> Number
    ) throws(FileFailure) -> Number {
        while true {
            let answer = call()
            if answer >= 0 { return answer }
            let code = errno
            if code != EINTR { throw FileFailure(operation, code: code) }
        }
    }
}

/// Whether the kernel's reason is one of these.
func failure(_ failure: FileFailure, isOneOf codes: [Int32]) -> Bool {
    codes.contains(failure.code)
}

extension FileStatus {
    init(_ status: stat) {
        let kind: Kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .regular
            case S_IFDIR: .folder
            case S_IFLNK: .link
            default: .other
            }
        self.init(
            kind: kind, owner: status.st_uid, group: status.st_gid, mode: status.st_mode & 0o7777,
            size: Int(status.st_size),
            identity: FileIdentity(
                device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: Int(status.st_size),
                modifiedSeconds: status.st_mtim.tv_sec, modifiedNanoseconds: status.st_mtim.tv_nsec))
    }
}
