import Glibc
import Logging
import SessionCore
import SessionProtocol

extension Connection {
    func end(_ reason: ConnectionMachine.CloseReason) {
        tell(reason)
        guard reason.flushes else { return close() }
        end(lingering: reason.lingers)
    }

    private func tell(_ reason: ConnectionMachine.CloseReason) {
        let metadata: Logger.Metadata = [
            "reason": "\(reason.rawValue)", "uid": "\(peer.uid)", "pid": "\(peer.pid)",
        ]
        switch reason {
        case .finished, .stopped: break
        case .stuckOutput:
            server.counters.closedStuck += 1
            server.logger.event(.subscriberOverrun, "connection closed", metadata: metadata)
        case .badLines, .lineTooLong, .partialLine: server.logger.notice("connection closed", metadata: metadata)
        }
    }

    /// Ends the connection after what is written has reached the kernel; with `lingering`, a moment after that: closing
    /// over unread input would turn our last line into a reset.
    func end(lingering: Bool) {
        guard isServing else { return }
        stage = .flushing(lingers: lingering)
        endsAt = server.now + Int64(server.limits.stuckOutputTimeoutMs)
        input = []
    }

    /// The rest of a connection that is not served any more.
    func finish() {
        if case .lingering = stage, hasInputEnded { return close() }
        guard case .flushing(let lingers) = stage else { return }
        if output.count > 0 {
            if case .broken = output.send(to: descriptor) { return close() }
            if output.count > 0 { return }
        }
        guard lingers, !hasInputEnded, !isHungUp else { return close() }
        stage = .lingering
        endsAt = server.now + Self.lingeringMs
        shutdown(descriptor, CInt(SHUT_WR))
    }

    func close() {
        if case .closed = stage { return }
        stage = .closed
        output.removeAll()
        input = []
        machine.peerGone()
        waits = [:]
        repeated.removeAll()
        if !isHungUp { server.poller.remove(descriptor) }
        Glibc.close(descriptor)
        server.remove(self)
    }
}
