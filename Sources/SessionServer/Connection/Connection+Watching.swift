import Logging
import SessionCore
import SessionProtocol

extension Connection {
    // MARK: Requests

    /// Takes the snapshot and installs the subscription in one step of the loop: what is published later comes as a
    /// notification, what was published before is in the snapshot.
    func watch(_ ticket: Ticket, _ watch: WatchRequest) {
        let directory = server.dispatcher.directory
        let serving: [any ProfileServing]
        if let profile = watch.profile {
            serving = directory[profile].map { [$0] } ?? []
        } else {
            serving = directory.all.filter { grants.allows(.read, profile: $0.profile) }
        }
        guard serving.allSatisfy({ $0.publication.isCurrent(at: moment) }) else {
            machine.started(ticket, timeoutMs: nil, now: server.now)
            return server.run(
                SlowCall {
                    for profile in serving { _ = await profile.settle() }
                    return .empty
                }
            ) { [self] _ in
                install(ticket, watch, serving)
                turn()
            }
        }
        install(ticket, watch, serving)
    }

    private func install(_ ticket: Ticket, _ watch: WatchRequest, _ serving: [any ProfileServing]) {
        if machine.isClosed { return }
        // The world may have changed while the keepers settled.
        guard !server.dispatcher.isDraining else { return machine.answered(ticket, .failed(.shuttingDown)) }
        guard serving.allSatisfy({ grants.allows(.read, profile: $0.profile) }) else {
            return machine.answered(ticket, .failed(.permissionDenied(needs: Permission.read.rawValue)))
        }
        guard book.count < server.limits.maxSubscriptions else {
            server.logger.debug("subscription refused: over the limit", metadata: ["uid": "\(peer.uid)"])
            return machine.answered(ticket, .failed(.tooManySubscriptions(limit: server.limits.maxSubscriptions)))
        }
        let publications = serving.map(\.publication)
        // A state that does not fit into a line could not be told later either.
        let size = publications.reduce(0) { $0 + $1.encoded.count + 1 }
        guard size + Self.roomAroundState <= server.limits.maxReplyBytes else {
            return machine.answered(ticket, .failed(.answerTooLong))
        }
        let scope = watch.profile.map(Subscription.Scope.profile) ?? .all
        let id = book.add(scope, topics: watch.topics, told: publications)
        machine.subscriptions = book.count
        server.counters.subscriptions += 1
        machine.answered(ticket, .encoded(Self.result(of: watch, id: id, publications)))
    }

    private static let roomAroundState = 1024

    private static func result(of watch: WatchRequest, id: String, _ publications: [Publication]) -> [UInt8] {
        let isResumed = watch.since.map { since in
            publications.contains { $0.snapshot.instance == since.instance && $0.snapshot.revision == since.revision }
        }
        var writer = JSONWriter(capacity: 2048)
        writer.beginObject()
        writer.name("subscription")
        writer.string(id)
        writer.name("resumed")
        writer.bool(isResumed ?? false)
        if isResumed != true {
            writer.name("state")
            if watch.profile == nil { writer.beginArray() }
            for publication in publications { writer.raw(publication.encoded) }
            if watch.profile == nil { writer.endArray() }
        }
        writer.endObject()
        return writer.bytes
    }

    func unwatch(_ ticket: Ticket, _ subscription: String) {
        guard book.remove(subscription) else {
            let error = RPCError.invalidParams(path: "subscription", expected: "a subscription of this connection")
            return machine.answered(ticket, .failed(error))
        }
        machine.subscriptions = book.count
        machine.answered(ticket, .empty)
    }

    // MARK: Changes

    /// The profile may have a new state. `isSettled` where the keeper has just been asked.
    func profileChanged(_ serving: any ProfileServing, isSettled: Bool) {
        guard !book.isEmpty || !waits.isEmpty else { return }
        let publication = serving.publication
        if isSettled || publication.isCurrent(at: server.clock.now()) {
            answerWaits(serving.profile, publication)
        }
        if !book.isEmpty {
            unseen.insert(serving.profile)
            if isSettled { settled.insert(serving.profile) }
        }
        turn()
    }

    /// Tells subscriptions of what they have not been told. Called only while there is room for output: until then
    /// the profiles' names wait, and however often they change, only their newest state is sent.
    func notify() {
        for profile in unseen {
            guard output.count < Self.outputHighWaterMark else { return isFull() }
            unseen.remove(profile)
            let isSettled = settled.remove(profile) != nil
            guard let serving = server.dispatcher.directory[profile] else { continue }
            let publication = serving.publication
            guard isSettled || publication.isCurrent(at: moment) else {
                server.settle(serving)
                continue
            }
            for id in book.due(publication, grants: grants) { sendChange(publication, to: id) }
        }
    }

    private func sendChange(_ publication: Publication, to subscription: String) {
        guard publication.encoded.count + Self.roomAroundState <= server.limits.maxReplyBytes else {
            // The newest state cannot be told: the watcher learns that, rather than stay on an older one.
            server.logger.error(
                "state does not fit into a line", metadata: ["profile": "\(publication.snapshot.profile)"])
            if book.remove(subscription) { sendClosed([subscription], reason: "slow") }
            return
        }
        server.counters.notifications += 1
        output.append("{\"jsonrpc\":\"2.0\",\"method\":\"session.changed\",\"params\":{\"subscription\":")
        // The book's own ids: nothing in them needs an escape.
        output.append("\"")
        output.append(utf8: subscription)
        output.append("\",")
        output.append(publication.encodedHeading)
        output.append(",\"state\":")
        output.append(publication.encoded)
        output.append("}}\n")
    }

    private func sendClosed(_ subscriptions: [String], reason: String) {
        machine.subscriptions = book.count
        for subscription in subscriptions {
            let line: JSONValue = [
                "jsonrpc": "2.0", "method": "subscription.closed",
                "params": ["subscription": .string(subscription), "reason": .string(reason)],
            ]
            output.append(line.encoded)
            output.append(UInt8(ascii: "\n"))
        }
    }

    // MARK: The server around it

    func permissionsChanged(_ policy: AccessPolicy) {
        grants = policy.grants(to: peer)
        repeated.removeAll()
        let grants = grants
        let lost = book.remove { subscription in
            switch subscription.scope {
            case .profile(let name):
                let mustLearnOfTokens = subscription.topics == [Topic.token]
                return !grants.allows(.read, profile: name)
                    || mustLearnOfTokens && !grants.allows(.token, profile: name)
            case .all: return !grants.allowsSomewhere(.read)
            }
        }
        sendClosed(lost, reason: "revoked")
        endWaits(.permissionDenied(needs: Permission.read.rawValue)) { !grants.allows(.read, profile: $0.profile) }
        // A profile that has become readable is news to those who watch all.
        for serving in server.dispatcher.directory.all where !book.isEmpty { unseen.insert(serving.profile) }
        turn()
    }

    /// The profile has another keeper now, or is gone.
    func profileReplaced(_ profile: String) {
        book.forget(profile)
        guard server.dispatcher.directory[profile] == nil else { return }
        sendClosed(book.remove { $0.scope == .profile(profile) }, reason: "revoked")
        endWaits(.profileNotFound(profile)) { $0.profile == profile }
        turn()
    }

    /// The daemon stops: nobody watches or waits any longer. Requests are still answered.
    func drain() {
        sendClosed(book.remove { _ in true }, reason: "shutdown")
        endWaits(.shuttingDown) { _ in true }
        turn()
    }

    /// Ends the connection as soon as its answers are out.
    func stop() {
        if case .lingering = stage { return close() }
        machine.stop()
        turn()
    }
}
