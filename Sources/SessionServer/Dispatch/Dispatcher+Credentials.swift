import SessionCore
import SessionProtocol

extension Dispatcher {
    /// `session.token` and `session.headers`: at once where no token needs renewal, else through the keeper.
    func credentials(_ call: Call, from serving: any ProfileServing) throws(DispatchError) -> Dispatched {
        if call.method == .sessionHeaders { try require(.headers, call, of: serving) }
        let minValidMs = call.params.integer("minValidMs") ?? 0
        if let limit = serving.traits.maximumTokenValidityMs, minValidMs > limit {
            throw .refused(.invalidParams(path: "minValidMs", expected: "an integer from 0 to \(limit)"))
        }
        let method = call.method
        let provider = serving.traits.name
        let clock = environment.clock
        @Sendable func answer(_ publication: Publication) -> Answer {
            guard let session = publication.session else {
                let phase = publication.snapshot.phase
                return .failed(phase == .sealed ? .keyUnavailable : .notSignedIn(phase))
            }
            if method == .sessionToken {
                return .encoded(
                    session.tokens.answer(
                        beside: publication.snapshot, leftMs: publication.tokenLeftMs(at: clock.now()),
                        minValidMs: minValidMs))
            }
            guard let headers = serving.headers(of: publication) else {
                return .failed(.notSupported(provider: provider, method: method.rawValue))
            }
            return .result(["headers": .object(headers.mapValues { .string($0.reveal()) })])
        }
        let publication = serving.publication
        let now = clock.now()
        if publication.isCurrent(at: now), !publication.needsRenewal(at: now, minValidMs: minValidMs) {
            return .answer(answer(publication))
        }
        return .slow(
            SlowCall(timeoutMs: call.params.timeoutMs, entersKeeper: true) {
                let settled = await serving.settle()
                guard settled.needsRenewal(at: clock.now(), minValidMs: minValidMs) else { return answer(settled) }
                do throws(KeeperError) { return answer(try await serving.tokens(minValidMs: minValidMs)) } catch {
                    return .failed(.keeper(error, provider: provider, method: method))
                }
            })
    }
}

extension Publication {
    /// Whether a token of the session ends within `minValidMs`, or has ended. While stored state is being read, the
    /// keeper is asked too: it knows when it will have been.
    fileprivate func needsRenewal(at now: Moment, minValidMs: Int64) -> Bool {
        guard let tokens = session?.tokens else { return snapshot.phase == .loading }
        guard let left = tokenLeftMs(at: now), tokens.sessionJwt != nil || tokens.accessToken != nil else {
            return false
        }
        return left < max(minValidMs, 1)
    }

    /// What is left to the short-lived token by the clock that is ahead; nil where it has no end.
    fileprivate func tokenLeftMs(at now: Moment) -> Int64? {
        guard let end = session?.tokens.jwtExpiresAt else { return nil }
        return (jwtDeadline ?? Deadline(wall: end, seenAt: now)).left(at: now)
    }
}

extension TokenSet {
    /// What a token that was renewed for this very answer may have lost on its way.
    private static let deliveryMs: Int64 = 5000

    /// The result of `session.token`. The short-lived token is left out where it has ended, or where even a fresh one
    /// does not last for as long as was asked.
    fileprivate func answer(beside snapshot: Snapshot, leftMs: Int64?, minValidMs: Int64) -> [UInt8] {
        let hasEnded = leftMs.map { $0 <= 0 || $0 < minValidMs - Self.deliveryMs } ?? false
        var writer = JSONWriter(capacity: 1024)
        writer.beginObject()
        writer.name("profile")
        writer.string(snapshot.profile)
        writer.name("revision")
        writer.integer(snapshot.revision)
        writer.name("stale")
        writer.bool(snapshot.phase == .stale || snapshot.phase == .unverified)
        writer.name("expiresAt")
        writer.value(JSONValue(snapshot.expiresAt))
        writer.name("tokens")
        writer.beginObject()
        // jwtExpiresAt speaks of the JWT, and of the access token only where there is no JWT.
        let accessTokenHasEnded = hasEnded && sessionJwt == nil
        let members = [
            ("sessionToken", sessionToken), ("sessionJwt", hasEnded ? nil : sessionJwt),
            ("accessToken", accessTokenHasEnded ? nil : accessToken), ("idToken", idToken),
        ]
        for case (let name, let token?) in members {
            writer.name(name)
            writer.string(token.reveal())
        }
        writer.endObject()
        if let jwtExpiresAt, !hasEnded {
            writer.name("jwtExpiresAt")
            writer.integer(jwtExpiresAt)
        }
        writer.endObject()
        return writer.bytes
    }
}
