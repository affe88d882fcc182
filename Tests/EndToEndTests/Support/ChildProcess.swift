import CTestProcess
import Glibc
import Synchronization

/// A program that a test has started. It is ended by its pid and reaped, at the latest when nobody holds it any more.
final class ChildProcess: Sendable {
    enum Exit: Sendable, Equatable {
        case status(Int32)
        case signal(Int32)
    }

    let pid: pid_t
    private let pidDescriptor: Int32
    private let ended = Mutex<Exit?>(nil)

    /// - Parameter descriptors: the child's descriptor numbers and what they are here.
    init(_ words: [String], environment: [String: String], descriptors: [Int32: Int32]) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (number, source) in descriptors.sorted(by: { $0.key < $1.key }) {
            posix_spawn_file_actions_adddup2(&actions, source, number)
        }
        // Sockets of fake services would live on in the child: it gets what it is given and nothing else.
        ctp_close_from(&actions, (descriptors.keys.max() ?? -1) + 1)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The threads of a queue block all signals, and a child inherits that.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var arguments = words.map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var made: pid_t = 0
        let result = posix_spawnp(&made, words[0], &actions, &attributes, &arguments, &variables)
        guard result == 0 else {
            errno = result
            throw SystemFailure("posix_spawn \(words[0])")
        }
        pid = made
        pidDescriptor = ctp_pidfd_open(made)
        guard pidDescriptor >= 0 else { throw SystemFailure("pidfd_open") }
    }

    deinit {
        if ended.withLock({ $0 }) == nil {
            Glibc.kill(pid, SIGKILL)
            _ = reap()
        }
        close(pidDescriptor)
    }

    var isRunning: Bool { ended.withLock { $0 } == nil && !isReadable(pidDescriptor, within: .zero) }

    func signal(_ number: Int32) {
        // Not reaped, so the pid is still this process's.
        ended.withLock { if $0 == nil { Glibc.kill(pid, number) } }
    }

    /// How it ended.
    func exit(within limit: Duration = .seconds(20)) async throws -> Exit {
        try await blocking { [self] in
            guard isReadable(pidDescriptor, within: limit) else { throw TooLate(what: "process \(pid) to end") }
            return reap()
        }
    }

    private func reap() -> Exit {
        ended.withLock { ended in
            if let ended { return ended }
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0, errno == EINTR {}
            let exit: Exit = status & 0x7F == 0 ? .status(status >> 8 & 0xFF) : .signal(status & 0x7F)
            ended = exit
            return exit
        }
    }
}

extension ChildProcess {
    /// As `exit`, for programs that end at once.
    func exitNow() -> Exit? {
        guard isReadable(pidDescriptor, within: .seconds(10)) else { return nil }
        return reap()
    }
}
