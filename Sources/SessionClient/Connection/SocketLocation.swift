import Glibc

/// Where the daemon's socket may be, in the order in which to try.
enum SocketLocation {
    static let system = "/run/sessiond/sessiond.sock"

    /// `$SESSIOND_SOCKET` alone where it is set; else the user's socket, then the system's.
    ///
    /// `owns` tells whether the caller owns a folder: a runtime directory that was inherited from another user (as
    /// `sudo -E` does) is not this user's (XDG Base Directory Specification: "MUST be owned by the user").
    static func candidates(environment: (String) -> String?, owns: (String) -> Bool) -> [String] {
        if let path = environment("SESSIOND_SOCKET"), !path.isEmpty { return [path] }
        if let runtime = environment("XDG_RUNTIME_DIR"), runtime.hasPrefix("/"), owns(runtime) {
            return [runtime + "/sessiond/sessiond.sock", system]
        }
        return [system]
    }

    /// The candidates of this process. A set-user-ID program does not listen to its caller's environment.
    static func candidates() -> [String] {
        let isElevated = getuid() != geteuid() || getgid() != getegid()
        return candidates(
            environment: { name in
                guard !isElevated, let value = getenv(name) else { return nil }
                return String(cString: value)
            },
            owns: { folder in FileNode(at: folder)?.owner == geteuid() })
    }
}

/// What `lstat` says of a path.
struct FileNode: Hashable {
    var owner: uid_t
    var mode: mode_t

    init(owner: uid_t, mode: mode_t) {
        self.owner = owner
        self.mode = mode
    }

    /// nil where there is nothing, or nothing that this process may see.
    init?(at path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        self.init(owner: status.st_uid, mode: status.st_mode)
    }

    var isSymbolicLink: Bool { mode & S_IFMT == S_IFLNK }
    var isDirectory: Bool { mode & S_IFMT == S_IFDIR }
    /// Whether somebody beside the owner can make entries in this folder.
    var isWritableByOthers: Bool { mode & 0o022 != 0 }
}
