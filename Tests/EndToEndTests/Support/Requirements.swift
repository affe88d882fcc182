import Glibc
import Testing

/// What some tests need from the machine. Where it is not there they are skipped, with the reason.
enum Requirements {
    static let isRoot = geteuid() == 0
    static let hasStrace = works(["strace", "-qq", "-o", "/dev/null", "-e", "inject=fsync:error=EIO", "true"])
    static let canMount = works(["unshare", "-m", "sh", "-c", "mount -t tmpfs -o size=64k none /mnt"])
    static let hasSocketActivate = works(["systemd-socket-activate", "--version"])
    static let hasSetpriv = works(["setpriv", "--version"])

    /// Of Debian's package libfaketime, for programs with threads; FAKETIME_LIBRARY names another.
    static let libfaketime: String? = {
        let named = getenv("FAKETIME_LIBRARY").map { String(cString: $0) }
        let folders = Files.names(in: "/usr/lib").map { "/usr/lib/\($0)/faketime/libfaketimeMT.so.1" }
        return ([named].compactMap { $0 } + folders).first { access($0, R_OK) == 0 }
    }()
    static let canShiftBootTime = works([
        "unshare", "--time", "--boottime", "100000000", "sh", "-c", "test $(cut -d. -f1 /proc/uptime) -gt 100000000",
    ])

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
    static var needsFakeClocks: Self {
        .enabled(
            if: Requirements.isRoot && Requirements.canShiftBootTime && Requirements.libfaketime != nil,
            "needs root with time namespaces, and libfaketime")
    }
    static var needsMounts: Self {
        .enabled(if: Requirements.isRoot && Requirements.canMount, "needs root with mount namespaces")
    }
}
