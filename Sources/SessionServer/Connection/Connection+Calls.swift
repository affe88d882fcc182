import Logging
import SessionCore
import SessionProtocol

extension Connection {
    /// Carries out one request: at once, or by a call that comes back.
    func perform(_ ticket: Ticket, _ request: Request) {
        if !isOwn { server.counters.requests += 1 }
        do throws(DispatchError) {
            let dispatched = try server.dispatcher.dispatch(request, grants: grants) { server.figures }
            switch dispatched {
            case .answer(let answer): machine.answered(ticket, answer)
            case .read(let read):
                guard let answer = read.answer(moment) else { return start(ticket, read.slow()) }
                if let repeatable { repeated.add(repeatable, request, read) }
                machine.answered(ticket, answer)
            case .slow(let call): start(ticket, call)
            case .watch(let watch): self.watch(ticket, watch)
            case .unwatch(let subscription): unwatch(ticket, subscription)
            case .cancel(let id):
                let isCancelled = machine.cancel(id, by: ticket)
                if isCancelled { server.counters.cancelled += 1 }
                machine.answered(ticket, .result(["cancelled": .bool(isCancelled)]))
            case .wait(let wait): self.wait(ticket, wait)
            }
        } catch {
            machine.answered(ticket, .failed(rpcError(error, method: request.method)))
        }
    }

    private func rpcError(_ error: DispatchError, method: String) -> RPCError {
        switch error {
        case .incident(let what): return server.incident(what, method: method)
        case .refused(let error):
            if error.kind == "permissionDenied" { denied(error, method: method) }
            return error
        }
    }

    /// Logged once a connection, as a client could fill the log otherwise; counted every time. The name of the method
    /// comes from the table here.
    private func denied(_ error: RPCError, method: String) {
        server.counters.denied += 1
        guard !wasDenied else { return }
        wasDenied = true
        server.logger.event(
            .clientDenied, "client denied",
            metadata: [
                "method": "\(method)", "uid": "\(peer.uid)", "pid": "\(peer.pid)",
                "needs": "\(error.details["needs"]?.stringValue ?? "")",
            ])
    }

    private func start(_ ticket: Ticket, _ call: SlowCall) {
        machine.started(ticket, timeoutMs: call.timeoutMs, now: server.now)
        server.run(call) { [self] answer in
            machine.answered(ticket, answer)
            turn()
        }
    }

    // MARK: Waiting for a phase

    private func wait(_ ticket: Ticket, _ wait: PhaseWait) {
        guard let serving = server.dispatcher.directory[wait.profile] else {
            return machine.answered(ticket, .failed(.profileNotFound(wait.profile)))
        }
        let publication = serving.publication
        let isCurrent = publication.isCurrent(at: moment)
        if isCurrent, wait.phases.contains(publication.snapshot.phase) {
            return machine.answered(ticket, .encoded(publication.encoded))
        }
        guard !server.dispatcher.isDraining else { return machine.answered(ticket, .failed(.shuttingDown)) }
        machine.started(ticket, timeoutMs: wait.timeoutMs, now: server.now)
        waits[ticket] = wait
        if !isCurrent { server.settle(serving) }
    }

    func answerWaits(_ profile: String, _ publication: Publication) {
        for (ticket, wait) in waits where wait.profile == profile {
            guard wait.phases.contains(publication.snapshot.phase) else { continue }
            waits[ticket] = nil
            machine.answered(ticket, .encoded(publication.encoded))
        }
    }

    /// Ends the waits that `error` concerns.
    func endWaits(_ error: RPCError, where isOver: (PhaseWait) -> Bool) {
        for (ticket, wait) in waits where isOver(wait) {
            waits[ticket] = nil
            machine.answered(ticket, .failed(error))
        }
    }

    /// Nobody waits for the call any more. A wait is only that; any other call goes on and keeps its place.
    func abandon(_ ticket: Ticket) {
        guard waits.removeValue(forKey: ticket) != nil else { return }
        machine.answered(ticket, .failed(.cancelled))
    }
}
