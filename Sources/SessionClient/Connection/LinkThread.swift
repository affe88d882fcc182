import Glibc
import SessionProtocol

/// The thread that a link reads, connects and waits on.
enum LinkThread {
    /// False where the system gives no thread. The thread holds the link until it is closed.
    static func start(_ link: Link) -> Bool {
        let argument = Unmanaged.passRetained(link)
        // A thread inherits the mask. The program's signals are for the program's threads.
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        var thread = pthread_t()
        let result = pthread_create(&thread, nil, body, argument.toOpaque())
        pthread_sigmask(SIG_SETMASK, &before, nil)
        guard result == 0 else {
            argument.release()
            return false
        }
        pthread_detach(thread)
        return true
    }

    /// Has no isolation: it runs on a thread that belongs to no actor.
    private static let body: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { argument in
        if let argument { run(Unmanaged<Link>.fromOpaque(argument).takeRetainedValue()) }
        return nil
    }

    private static func run(_ link: Link) {
        var framer = Self.framer
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            switch link.nextStep() {
            case .finish: return
            case .connect:
                framer = Self.framer
                link.connect()
            case .wait(let socket, let wantsRoom, let timeoutMs):
                let isReadable = wait(link, socket, wantsRoom: wantsRoom, timeoutMs: timeoutMs)
                link.change { machine, now in machine.elapse(now: now) }
                guard let socket, isReadable else { continue }
                switch StreamSocket.receive(socket, into: &buffer) {
                case .nothingYet: continue
                case .end: link.change { machine, now in machine.disconnected(.broken, now: now) }
                case .bytes(let count): take(buffer.span.extracting(0..<count), &framer, for: link)
                }
            }
        }
    }

    private static var framer: LineFramer { LineFramer(maxBytes: Limits().maxReplyBytes) }

    /// Answers whether the socket has something to read, its end included.
    private static func wait(_ link: Link, _ socket: Int32?, wantsRoom: Bool, timeoutMs: Int32) -> Bool {
        // poll(2) passes over a negative descriptor.
        var waits = [
            pollfd(fd: link.waker.reading, events: Int16(POLLIN), revents: 0),
            pollfd(fd: socket ?? -1, events: Int16(POLLIN) | (wantsRoom ? Int16(POLLOUT) : 0), revents: 0),
        ]
        guard poll(&waits, nfds_t(waits.count), timeoutMs) > 0 else { return false }
        if waits[0].revents != 0 { link.waker.drain() }
        return waits[1].revents & ~Int16(POLLOUT) != 0
    }

    private static func take(_ received: Span<UInt8>, _ framer: inout LineFramer, for link: Link) {
        var position = 0
        while true {
            let message: ServerMessage
            switch framer.nextLine(in: received, from: &position, { ServerMessage(line: $0) }) {
            case .needsBytes: return
            case .line(let line): message = line
            case .lineTooLong: message = .malformed("a line is longer than \(Limits().maxReplyBytes) bytes")
            }
            link.change { machine, now in machine.received(message, now: now) }
            // What follows on this connection is nothing that could be understood.
            if case .malformed = message { return }
        }
    }
}
