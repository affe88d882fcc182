import SessionProtocol

/// What a subscription is for; all who watch the same share it.
struct WatchKey: Hashable, Sendable {
    /// nil: the default profile.
    var profile: String?
    /// nil: every topic that is a change (docs/protocol.md, section 7).
    var topics: Set<String>?
    /// Every profile that this user may read; `profile` means nothing then.
    var isOfAll = false
}

/// What the server said of a subscription before it named it: the answer to `session.watch` may be overtaken.
struct EarlyNews {
    /// The newest one of each profile.
    var snapshots: [String: Snapshot] = [:]
    var isClosed = false
}

extension LinkMachine.Place: Sendable where Board: Sendable {}

extension LinkMachine {
    /// One subscription, over all the connections that it takes.
    struct Watch {
        enum Stage: Hashable {
            /// To be asked for as soon as there is a connection.
            case idle
            case requested
            case live(subscription: String)
            /// Ended or refused by the server for now; to be asked for again at that time.
            case refused(until: Int64)
        }

        /// Tells this watch from an earlier one of the same key.
        let number: UInt64
        var stage = Stage.idle
        let board: Board
        var observers = 0
        /// The states that watchers have, by profile; one of them unless the watch is of all.
        var last: [String: Snapshot] = [:]
    }

    /// One reader's place at a watch, to be given up once.
    struct Place {
        let key: WatchKey
        let number: UInt64
        let board: Board
    }

    /// One more watches; `board` is used where nobody did so far. nil where the client is closed.
    mutating func observe(_ key: WatchKey, board: Board, now: Int64) -> (Place?, Effects) {
        var effects = Effects()
        guard connection != .closed else { return (nil, effects) }
        var watch = watches[key] ?? Watch(number: nextOrder(), board: board)
        watch.observers += 1
        watches[key] = watch
        if connection == .open { subscribeWhereDue(now: now) } else { needConnection(&effects) }
        return (Place(key: key, number: watch.number, board: watch.board), effects)
    }

    /// One less watches. The watch may have ended since, and another one have its key.
    mutating func unobserve(_ place: Place) -> Effects {
        let key = place.key
        guard let watch = watches[key], watch.number == place.number else { return Effects() }
        watches[key]?.observers -= 1
        guard watch.observers == 1 else { return Effects() }
        // A watch that was asked for is given up when its answer names it.
        if watch.stage != .requested { remove(key) }
        return Effects()
    }

    mutating func subscribeWhereDue(now: Int64) {
        for (key, watch) in watches {
            switch watch.stage {
            case .idle: break
            case .refused(let until) where now >= until: break
            case .refused, .requested, .live: continue
            }
            var params: [String: JSONValue] = [:]
            if key.isOfAll {
                params["all"] = true
            } else if let profile = key.profile {
                params["profile"] = .string(profile)
            }
            if let topics = key.topics { params["topics"] = .array(topics.sorted().map(JSONValue.string)) }
            // The contract knows no `since` for all of them.
            if !key.isOfAll, let last = watch.last.values.first {
                params["since"] = ["instance": .string(last.instance), "revision": .integer(last.revision)]
            }
            watches[key]?.stage = .requested
            let id = nextID()
            var call = Call(purpose: .watch(key))
            call.isRead = true
            enqueue(ClientLine(id: id, method: "session.watch", params: params), call)
        }
    }

    private mutating func remove(_ key: WatchKey) {
        guard let watch = watches.removeValue(forKey: key) else { return }
        if case .live(let subscription) = watch.stage { unsubscribe(subscription) }
        if watches.isEmpty, case .waiting = connection { connection = .none }
    }

    private mutating func unsubscribe(_ subscription: String) {
        let params: [String: JSONValue] = ["subscription": .string(subscription)]
        let line = ClientLine(id: nextID(), method: "session.unwatch", params: params)
        enqueue(line, Call(purpose: .abandoned))
    }

    mutating func watchAnswered(
        _ key: WatchKey, _ outcome: Result<JSONValue, SessionError>, now: Int64, _ effects: inout Effects
    ) {
        guard let watch = watches[key], watch.stage == .requested else { return }
        switch outcome {
        case .failure(let error):
            // The limit of subscriptions is of this client's own making: waiting would not help.
            guard error.isRetryable, error.kind != .tooManySubscriptions, watch.observers > 0 else {
                watches[key] = nil
                effects.endings.append((watch.board, error))
                return
            }
            watches[key]?.stage = .refused(until: now + backoff.next())
            effects.isWakeNeeded = true
        case .success(let result):
            let told = key.isOfAll ? result["state"]?.arrayValue : result["state"].map { [$0] }
            let states = told?.compactMap(Snapshot.init(json:))
            guard let subscription = result["subscription"]?.stringValue, states?.count == told?.count,
                states != nil || result["resumed"] == true && !watch.last.isEmpty
            else {
                watches[key] = nil
                effects.endings.append((watch.board, .malformedReply("session.watch was answered without a state")))
                return
            }
            backoff.reset()
            watches[key]?.stage = .live(subscription: subscription)
            for state in states ?? [] { accept(state, key, &effects) }
            if let news = early.removeValue(forKey: subscription) {
                for newer in news.snapshots.values { accept(newer, key, &effects) }
                if news.isClosed { watches[key]?.stage = .refused(until: now + backoff.next()) }
            }
            effects.isWakeNeeded = true
            if watch.observers == 0 { remove(key) }
        }
        if !isAnyRequested { early = [:] }
    }

    /// `session.changed` came.
    mutating func changed(_ subscription: String, _ snapshot: Snapshot, now: Int64) -> Effects {
        var effects = Effects()
        if let key = watches.first(where: { $0.value.stage == .live(subscription: subscription) })?.key {
            backoff.reset()
            accept(snapshot, key, &effects)
        } else if isAnyRequested {
            early[subscription, default: EarlyNews()].snapshots[snapshot.profile] = snapshot
            return boundEarly(now: now)
        }
        return effects
    }

    /// `subscription.closed` came: asked for again after a while, the present state comes with the answer.
    mutating func subscriptionClosed(_ subscription: String, now: Int64) -> Effects {
        var effects = Effects()
        if let key = watches.first(where: { $0.value.stage == .live(subscription: subscription) })?.key {
            watches[key]?.stage = .refused(until: now + backoff.next())
            effects.isWakeNeeded = true
        } else if isAnyRequested {
            early[subscription, default: EarlyNews()].isClosed = true
            return boundEarly(now: now)
        }
        return effects
    }

    private var isAnyRequested: Bool { watches.values.contains { $0.stage == .requested } }

    /// News of subscriptions that were given up come in here too, and go with the next answer. A server that goes on
    /// inventing names has lost the thread; a new connection brings the present state.
    private mutating func boundEarly(now: Int64) -> Effects {
        guard early.count > 64 else { return Effects() }
        return disconnected(.malformedReply("changes of subscriptions that were never opened"), now: now)
    }

    /// Puts up a state unless a newer one of the same daemon is up.
    private mutating func accept(_ snapshot: Snapshot, _ key: WatchKey, _ effects: inout Effects) {
        guard let watch = watches[key] else { return }
        let last = watch.last[snapshot.profile]
        if let last, last.instance == snapshot.instance, snapshot.revision < last.revision { return }
        guard snapshot != last else { return }
        // Another profile may have become the default one.
        if !key.isOfAll { watches[key]?.last = [:] }
        watches[key]?.last[snapshot.profile] = snapshot
        effects.publications.append((watch.board, snapshot, nextOrder()))
    }
}
