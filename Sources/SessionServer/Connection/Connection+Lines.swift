import SessionProtocol

extension Connection {
    /// Takes lines from the start of `bytes` while there is room for their answers; tells how many bytes were used.
    func takeLines(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var used = 0
        var taken = 0
        var needsBytes = false
        while !needsBytes, machine.acceptsLines, !isOverfull {
            if !framer.hasPartialLine { taken += answerRepeats(bytes, from: &used, into: &output) }
            if output.count >= Self.outputHighWaterMark {
                isOverfull = true
                break
            }
            switch nextLine(in: bytes, from: &used) {
            case .line(let (line, repeatable)):
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
        // While nothing is read, the rest of a line is not the peer's fault.
        machine.partialLine(framer.hasPartialLine && !isOverfull, isNew: taken > 0, now: server.now)
        if needsBytes, hasInputEnded { machine.inputEnded() }
        return used
    }

    private func nextLine(
        in bytes: UnsafeBufferPointer<UInt8>, from used: inout Int
    ) -> LineFramer.Pull<(ParsedLine, RepeatedReads.Line?)> {
        let limits = server.limits
        return framer.nextLine(in: bytes.span, from: &used) { line in
            var idRange: Range<Int>?
            let parsed = LineParser.parse(line, limits: limits, idRange: &idRange)
            // Under another id it may be longer by as much as an id can be.
            guard let idRange, line.count + RepeatedReads.longestID <= limits.maxRequestBytes else {
                return (parsed, nil)
            }
            return (parsed, RepeatedReads.Line(line, idRange: idRange))
        }
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

    func count(_ reply: Reply) {
        guard case .failed(let error) = reply.answer else { return }
        server.counters.errors += 1
        if error.kind == "deadlineExceeded" { server.counters.deadlinesExceeded += 1 }
    }
}
