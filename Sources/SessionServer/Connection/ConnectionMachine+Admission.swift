import SessionProtocol

extension ConnectionMachine {
    /// Takes in a request: its id is in flight until its answer is out.
    mutating func admit(_ request: Request, batch: Int?) {
        if let id = request.id, tickets[id] != nil {
            // Under the same id this error would read as the first call's answer.
            return refuse(.duplicateID, id: nil, batch: batch)
        }
        let ticket = makeTicket()
        if let id = request.id {
            tickets[id] = ticket
            if let batch { batches[batch]?.ids.append(id) }
        }
        calls[ticket] = Call(id: request.id, batch: batch)
        waiting.append((ticket, request))
    }

    /// Takes in a batch. Its entries start in order, as many at a time as slow calls may run.
    mutating func admit(_ entries: [ParsedLine.Entry]) {
        let holdsWatch = entries.contains { entry in
            if case .request(let request) = entry { request.method == Method.sessionWatch.rawValue } else { false }
        }
        guard !holdsWatch else {
            return send(Reply(id: nil, answer: .failed(.invalidRequest("session.watch cannot be in a batch"))))
        }
        // An answer for each entry that is no notification; the entries' own numbers are free, so one names the batch.
        let batch = Int(makeTicket().number)
        let unanswered = entries.count { entry in
            if case .request(let request) = entry { request.id != nil } else { true }
        }
        if unanswered > 0 { batches[batch] = Batch(unanswered: unanswered) }
        for entry in entries {
            switch entry {
            case .request(let request): admit(request, batch: batch)
            case .refused(let error, let id): refuse(error, id: id, batch: batch)
            }
        }
    }

    mutating func reply(to call: Call, _ answer: Answer) {
        guard let id = call.id else { return }
        if let batch = call.batch {
            add(Reply(id: id, answer: answer), to: batch)
        } else {
            tickets[id] = nil
            send(Reply(id: id, answer: answer))
        }
    }

    private mutating func refuse(_ error: RPCError, id: RequestID?, batch: Int?) {
        let reply = Reply(id: id, answer: .failed(error))
        if let batch { add(reply, to: batch) } else { send(reply) }
    }

    private mutating func add(_ reply: Reply, to number: Int) {
        guard var batch = batches.removeValue(forKey: number) else { return }
        batch.replies.append(reply)
        batch.unanswered -= 1
        guard batch.unanswered == 0 else {
            batches[number] = batch
            return
        }
        for id in batch.ids { tickets[id] = nil }
        sendBatch(batch.replies)
    }
}
