import Glibc
import Testing

/// What some tests need from the machine. Where it is not there they are skipped, with the reason.
enum Requirements {
    static let isRoot = geteuid() == 0
    static let hasStrace = works(["strace", "-qq", "-o", "/dev/null", "-e", "inject=fsync:error=EIO", "true"])
    static let canMount = works(["unshare", "-m", "sh", "-c", "mount -t tmpfs -o size=64k none /mnt"])
    static let hasSocketActivate = works(["systemd-socket-activate", "--version"])
    static let hasSetpriv = works(["setpriv", "--version"])

    private static func works(_ words: [String]) -> Bool {
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer { close(null) }
        guard
            let process = try? ChildProcess(
                words, environment: DaemonProcess.environment, descriptors: [0: null, 1: null, 2: null])
        else { return false }
        return process.exitNow() == .status(0)
    }
}

extension Trait where Self == ConditionTrait {
    static var needsRoot: Self { .enabled(if: Requirements.isRoot, "only root may become another user") }
    static var needsStrace: Self {
        .enabled(if: Requirements.isRoot && Requirements.hasStrace, "needs root and a strace that may trace")
    }
    static var needsMounts: Self {
        .enabled(if: Requirements.isRoot && Requirements.canMount, "needs root with mount namespaces")
    }
}
