import SessionProtocol

extension LinkMachine {
    /// Slow calls that the server may have from this connection: one less than it stops reading at.
    static var maxSlowInFlight: Int { 31 }

    /// A call from its reservation to its one answer.
    struct Call {
        enum Purpose {
            /// An id was taken, the call not yet made.
            case reserved
            /// The task was cancelled before the call was made.
            case cancelledEarly
            case caller(Caller)
            /// Wants a connection, and no more.
            case connection(Caller)
            case watch(WatchKey)
            /// Nobody waits any longer; the answer is still to come.
            case abandoned
        }

        var purpose: Purpose
        var isRead = false
        var isSlow = false
        /// Whether no byte of it has been written.
        var isUntouched = true
        /// Whether it waits for its turn among the slow calls.
        var isHeld = false
    }

    /// Takes an id for a call to come, so that it can be cancelled from now on.
    mutating func reserve() -> Int64 {
        let id = nextID()
        calls[id] = Call(purpose: .reserved)
        return id
    }

    /// Somebody wants a connection, and will do with being told that there is one.
    mutating func open(_ id: Int64, caller: Caller) -> Effects {
        var effects = Effects()
        guard admit(id, caller, &effects) else { return effects }
        if connection == .open {
            calls[id] = nil
            effects.completions.append((caller, .success(.null)))
        } else {
            calls[id] = Call(purpose: .connection(caller))
            needConnection(&effects)
        }
        return effects
    }

    /// Makes the call that was reserved.
    mutating func call(_ id: Int64, _ method: String, _ params: [String: JSONValue], caller: Caller) -> Effects {
        var effects = Effects()
        guard admit(id, caller, &effects) else { return effects }
        let line = ClientLine(id: id, method: method, params: params)
        guard line.bytes.count <= Limits().maxRequestBytes else {
            calls[id] = nil
            let message = "the request is longer than \(Limits().maxRequestBytes) bytes"
            effects.completions.append((caller, .failure(SessionError(kind: .lineTooLong, message: message))))
            return effects
        }
        var call = Call(purpose: .caller(caller))
        call.isRead = MethodTraits.isRead(method)
        call.isSlow = !MethodTraits.isAnsweredAtOnce(method)
        enqueue(line, call)
        needConnection(&effects)
        return effects
    }

    /// The task that waits was cancelled. It is answered now; the server is asked to stop if it has heard of the call.
    mutating func cancel(_ id: Int64) -> Effects {
        var effects = Effects()
        guard let call = calls[id] else { return effects }
        switch call.purpose {
        case .reserved: calls[id]?.purpose = .cancelledEarly
        case .connection(let caller):
            calls[id] = nil
            effects.completions.append((caller, .failure(.cancelled)))
        case .caller(let caller):
            effects.completions.append((caller, .failure(.cancelled)))
            if call.isUntouched {
                held.removeAll { $0.id == id }
                outbox.removeAll { $0.id == id }
                forget(id)
            } else {
                calls[id]?.purpose = .abandoned
                outbox.append(.cancel(id))
            }
        case .cancelledEarly, .watch, .abandoned: break
        }
        return effects
    }

    private mutating func admit(_ id: Int64, _ caller: Caller, _ effects: inout Effects) -> Bool {
        if case .reserved = calls[id]?.purpose, connection != .closed { return true }
        let error: SessionError = connection == .closed ? .closed : .cancelled
        calls[id] = nil
        effects.completions.append((caller, .failure(error)))
        return false
    }

    mutating func enqueue(_ line: ClientLine, _ call: Call) {
        guard let id = line.id else { return }
        calls[id] = call
        if call.isSlow {
            guard slowInFlight < Self.maxSlowInFlight else {
                calls[id]?.isHeld = true
                held.append(line)
                return
            }
            slowInFlight += 1
        }
        outbox.append(line)
    }

    /// Drops a call and lets the next slow one out.
    mutating func forget(_ id: Int64) {
        guard let call = calls.removeValue(forKey: id), call.isSlow, !call.isHeld else { return }
        slowInFlight -= 1
        releaseHeld()
    }

    private mutating func releaseHeld() {
        while slowInFlight < Self.maxSlowInFlight, !held.isEmpty {
            let line = held.removeFirst()
            if let id = line.id { calls[id]?.isHeld = false }
            slowInFlight += 1
            outbox.append(line)
        }
    }

    /// Ends the calls that a connection takes with it.
    mutating func failCalls(_ error: SessionError, keepingUnsentReads: Bool, _ effects: inout Effects) {
        for (id, call) in calls {
            switch call.purpose {
            case .reserved, .cancelledEarly: continue
            case .connection(let caller): effects.completions.append((caller, .failure(error)))
            case .caller(let caller):
                if keepingUnsentReads, call.isUntouched, call.isRead { continue }
                effects.completions.append((caller, .failure(error)))
            case .watch, .abandoned: break
            }
            calls[id] = nil
        }
        outbox.removeAll { line in line.id.map { calls[$0] == nil } ?? true }
        held.removeAll { line in line.id.map { calls[$0] == nil } ?? true }
        slowInFlight = outbox.count { line in line.id.flatMap { calls[$0]?.isSlow } ?? false }
        releaseHeld()
    }
}
