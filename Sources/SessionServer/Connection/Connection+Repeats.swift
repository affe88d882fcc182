import Glibc
import SessionProtocol

/// The fast path: lines that repeat earlier ones are answered where they lie, without becoming calls.
///
/// What it does not know is left to `takeLines`, from the line on at which it stopped; a client cannot tell the two apart.
extension Connection {
    /// Whether a turn needs to look at nothing but what has just been read: no line is half come, nothing waits to be
    /// written, no watch has news.
    var isAtRest: Bool {
        isServing && !isHungUp && input.isEmpty && !framer.hasPartialLine && output.count == 0 && unseen.isEmpty
    }

    /// A turn of a connection at rest: one read, its answers, one write. Tells how many bytes are dealt with.
    ///
    /// Where that is all bytes and no output is left, the connection is at rest again as it was before: no call has come
    /// or gone, so nothing it waits for and none of its deadlines have changed. Else a turn must follow.
    func shortTurn(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        turnMoment = nil
        var replies = OutputBuffer()
        swap(&replies, &server.spareOutput)
        var used = 0
        let answered = answerRepeats(bytes, from: &used, into: &replies)
        // With lines left that the turn will answer, all go out together then.
        if answered > 0, used == bytes.count, case .sent(let count) = replies.send(to: descriptor) {
            bytesSent += UInt64(count)
        }
        if replies.count == 0 { giveBack(&replies) } else { swap(&replies, &output) }
        return used
    }

    /// Answers lines from `position` on for as long as they repeat earlier ones and the output has room; tells how many.
    func answerRepeats(
        _ bytes: UnsafeBufferPointer<UInt8>, from position: inout Int, into output: inout OutputBuffer
    ) -> Int {
        let repeated = repeated
        var answered = 0
        while output.count < Self.outputHighWaterMark,
            let (entry, number, length) = repeated.match(bytes, from: position)
        {
            let id = RequestID.integer(number)
            // Where time has overtaken what is published, the keeper must be asked, which is a call.
            guard machine.passes(id), let answer = entry.read.answer(moment) else { break }
            let reply = Reply(id: id, answer: answer)
            count(reply)
            output.writeReply(reply, limit: server.limits.maxReplyBytes)
            position += length
            answered += 1
        }
        if answered > 0, !isOwn { server.counters.requests += Int64(answered) }
        return answered
    }
}
