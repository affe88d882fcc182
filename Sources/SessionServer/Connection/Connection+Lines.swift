import SessionProtocol

extension Connection {
    private enum Line {
        case parsed(ParsedLine, RepeatedReads.Line?)
        case repeated(RepeatedReads.Entry, Int64)
    }

    /// Takes lines from the start of `bytes` while there is room for their answers; tells how many bytes were used.
    func takeLines(_ bytes: Span<UInt8>) -> Int {
        var used = 0
        var taken = 0
        var needsBytes = false
        let limits = server.limits
        while !needsBytes, machine.acceptsLines, !isOverfull {
            let pull = framer.nextLine(in: bytes, from: &used) { line -> Line in
                if let (entry, id) = repeated.match(line) { return .repeated(entry, id) }
                var idRange: Range<Int>?
                let parsed = LineParser.parse(line, limits: limits, idRange: &idRange)
                return .parsed(parsed, idRange.flatMap { RepeatedReads.Line(line, idRange: $0) })
            }
            switch pull {
            case .line(.repeated(let entry, let id)):
                taken += 1
                again(entry, id)
            case .line(.parsed(let line, let repeatable)):
                taken += 1
                count(line)
                self.repeatable = repeatable
                machine.receive(line)
                carryOut()
                self.repeatable = nil
            case .lineTooLong:
                machine.lineTooLong()
                return used
            case .needsBytes: needsBytes = true
            }
            if output.count >= Self.outputHighWaterMark { isOverfull = true }
        }
        machine.partialLine(framer.hasPartialLine, isNew: taken > 0, now: server.now)
        if needsBytes, hasInputEnded { machine.inputEnded() }
        return used
    }

    /// Carries out a request that was found in order before: at once, where the machine has nothing to say about it.
    private func again(_ entry: RepeatedReads.Entry, _ number: Int64) {
        let id = RequestID.integer(number)
        guard machine.passes(id), let answer = entry.read.answer(moment) else {
            machine.receive(
                .single(.request(Request(id: id, method: entry.request.method, params: entry.request.params))))
            return carryOut()
        }
        if !isOwn { server.counters.requests += 1 }
        send(Reply(id: id, answer: answer))
    }

    func carryOut() {
        while isServing, let effect = machine.next() {
            switch effect {
            case .perform(let ticket, let request): perform(ticket, request)
            case .send(let reply): send(reply)
            case .sendBatch(let replies):
                for reply in replies { count(reply) }
                output.writeBatch(replies, limit: server.limits.maxReplyBytes)
            case .abandon(let ticket): abandon(ticket)
            case .close(let reason): end(reason)
            }
        }
    }

    private func send(_ reply: Reply) {
        count(reply)
        output.writeReply(reply, limit: server.limits.maxReplyBytes)
    }

    private func count(_ line: ParsedLine) {
        if case .refused(_, isLexical: true) = line { server.counters.badLines += 1 }
    }

    private func count(_ reply: Reply) {
        guard case .failed(let error) = reply.answer else { return }
        server.counters.errors += 1
        if error.kind == "deadlineExceeded" { server.counters.deadlinesExceeded += 1 }
    }
}
