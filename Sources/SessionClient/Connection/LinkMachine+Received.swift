import SessionProtocol

extension LinkMachine {
    /// A line came. Whatever is no part of the protocol breaks the connection: its answers cannot be told apart any more.
    mutating func received(_ message: ServerMessage, now: Int64) -> Effects {
        guard connection == .open else { return Effects() }
        switch message {
        case .answer(let id, let outcome): return answered(id, outcome, now: now)
        case .refusal(let error): return disconnected(error, now: now)
        case .malformed(let what): return disconnected(.malformedReply(what), now: now)
        case .ignored: return Effects()
        case .changed(let subscription, let snapshot): return changed(subscription, snapshot, now: now)
        case .subscriptionClosed(let subscription): return subscriptionClosed(subscription, now: now)
        }
    }

    private mutating func answered(
        _ id: Int64, _ outcome: Result<JSONValue, SessionError>, now: Int64
    ) -> Effects {
        guard let call = calls[id], !call.isUntouched else {
            return disconnected(.malformedReply("an answer has an id that no call has"), now: now)
        }
        var effects = Effects()
        forget(id)
        switch call.purpose {
        case .caller(let caller):
            backoff.reset()
            effects.completions.append((caller, outcome))
        case .watch(let key): watchAnswered(key, outcome, now: now, &effects)
        case .abandoned: break
        case .reserved, .cancelledEarly, .connection:
            return disconnected(.malformedReply("an answer has an id that no call has"), now: now)
        }
        return effects
    }
}
