import DaemonConfiguration
import SessionServer
import SessionVault
import Systemd

/// Why the daemon does not start: what happened, what to do about it, and the exit status that says whether a restart
/// could help (sysexits.h).
struct StartError: Error {
    let message: String
    let remedy: String
    let status: Int32
    /// The kernel's reason, where it had one.
    let errno: Int32?

    init(_ message: String, remedy: String, status: Int32, errno: Int32? = nil) {
        self.message = message
        self.remedy = remedy
        self.status = status
        self.errno = errno
    }
}

/// The exit statuses of a start that fails.
enum EX {
    static let software = DaemonExitStatus.failed.rawValue
    static let temporary = DaemonExitStatus.temporary.rawValue
    static let configuration = DaemonExitStatus.configuration.rawValue
}

extension StartError {
    init(_ error: StateDirectoryError) {
        switch error {
        case .inUse:
            self.init(error.description, remedy: "stop the other daemon, or give --state-dir", status: EX.temporary)
        case .refused:
            self.init(error.description, remedy: "mend it, or give --state-dir", status: EX.configuration)
        case .failure(let failure):
            self.init(
                error.description, remedy: "make the directory writable, or give --state-dir", status: EX.temporary,
                errno: failure.code)
        }
    }

    init(_ error: ListenError) {
        switch error {
        case .alreadyRunning:
            self.init(error.description, remedy: "stop the other daemon, or give --socket", status: EX.temporary)
        case .pathTooLong, .pathNotAbsolute, .notASocket:
            self.init(error.description, remedy: "give another path with --socket", status: EX.configuration)
        case .system(_, _, let number):
            self.init(
                error.description, remedy: "check the folder and its permissions", status: EX.temporary, errno: number)
        }
    }

    init(_ error: ServiceManagerError) {
        switch error {
        case .unusableSocket, .malformed:
            self.init(error.description, remedy: "mend the units that start it", status: EX.configuration)
        case .failed(_, let number):
            self.init(error.description, remedy: "see the log", status: EX.software, errno: number)
        }
    }
}
