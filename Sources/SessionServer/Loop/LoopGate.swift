import CLinux
import Glibc
import Synchronization

/// What the loop's thread and all others share: what is left for the loop to do, and the bell that wakes it.
final class LoopGate: Sendable {
    enum Errand: Sendable {
        /// A piece of a task that is isolated to the loop.
        case job(UnownedJob)
        case visit(@Sendable (ServerLoop) -> Void)
    }

    let poller: Poller
    private let bell: CInt
    private let errands = Mutex<[Errand]>([])
    private let ended = Atomic(false)
    private let thread = Atomic<UInt>(0)

    /// Fails with an errno where the kernel has no descriptors left.
    init() throws(LoopError) {
        let epoll = cl_epoll_create()
        guard epoll >= 0 else { throw LoopError(call: "epoll_create1", errno: errno) }
        let bell = cl_wakeup_create()
        guard bell >= 0 else {
            defer { close(epoll) }
            throw LoopError(call: "eventfd", errno: errno)
        }
        poller = Poller(descriptor: epoll)
        self.bell = bell
        guard poller.add(bell, .input) else {
            defer {
                close(epoll)
                close(bell)
            }
            throw LoopError(call: "epoll_ctl", errno: errno)
        }
    }

    deinit {
        close(bell)
        close(poller.descriptor)
    }

    /// Leaves an errand. They are run in the order in which they came. Any thread may call it; it does not wait.
    func leave(_ errand: Errand) {
        let isFirst = errands.withLock { errands in
            errands.append(errand)
            return errands.count == 1
        }
        // Whoever left the first has rung already.
        if isFirst { cl_wakeup_ring(bell) }
    }

    func end() {
        ended.store(true, ordering: .releasing)
        cl_wakeup_ring(bell)
    }

    // MARK: On the loop's thread

    func enter() { thread.store(UInt(pthread_self()), ordering: .relaxed) }

    var isOnThread: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

    func isBell(_ readiness: Poller.Readiness) -> Bool { readiness.descriptor == bell }

    /// What has been left since the last time. The bell is stilled first: an errand that comes after that rings again.
    func takeErrands() -> [Errand] {
        cl_wakeup_clear(bell)
        return errands.withLock { errands in
            defer { errands = [] }
            return errands
        }
    }

    var hasEnded: Bool { ended.load(ordering: .acquiring) }
}

/// The kernel refused what the loop cannot do without.
struct LoopError: Error, Hashable {
    let call: String
    let errno: Int32
}
