import CLinux
import Glibc

/// What the process gives up and takes before it touches a secret.
package enum ProcessHardening {
    /// No core dumps and no tracing by the same user, no crash reports, files for the owner alone, no death by SIGPIPE,
    /// and as many descriptors as the hard limit allows.
    ///
    /// Call it first in `main`. It carries on past a failure, as each step stands for itself, and answers with what
    /// failed: log it, and do not start where `forbidDumps` or `coreLimit` is among it.
    package static func apply() -> [Failure] {
        umask(0o077)
        signal(SIGPIPE, SIG_IGN)
        // Swift's runtime would write registers and the memory that they point to into the log, and then live on where
        // the signal came from outside, as a service manager's SIGABRT does.
        for crash in [SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV] { signal(crash, SIG_DFL) }
        var failures: [Failure] = []
        func check(_ step: Step, _ result: Int32, _ call: String) {
            if result != 0 { failures.append(Failure(step: step, error: LinuxError(call: call, errno: errno))) }
        }
        check(.forbidDumps, cl_forbid_dumps(), "prctl(PR_SET_DUMPABLE)")
        var cores = rlimit()
        check(.coreLimit, getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &cores), "getrlimit")
        // A unit may have set it already, and its system call filter may forbid to set it again.
        if cores.rlim_cur != 0 || cores.rlim_max != 0 {
            cores = rlimit(rlim_cur: 0, rlim_max: 0)
            check(.coreLimit, setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &cores), "setrlimit(RLIMIT_CORE)")
        }
        var files = rlimit()
        check(.descriptorLimit, getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files), "getrlimit")
        if files.rlim_cur < files.rlim_max {
            files.rlim_cur = files.rlim_max
            check(
                .descriptorLimit, setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files),
                "setrlimit(RLIMIT_NOFILE)")
        }
        return failures
    }

    package enum Step: String, Sendable, Hashable {
        case forbidDumps, coreLimit, descriptorLimit
    }

    package struct Failure: Sendable, Hashable {
        package let step: Step
        package let error: LinuxError
    }
}
