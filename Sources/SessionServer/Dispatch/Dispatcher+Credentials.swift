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
        let timeoutMs = call.params.timeoutMs
        @Sendable func answer(_ publication: Publication, _ now: Moment) -> Answer {
            guard let session = publication.session else {
                let phase = publication.snapshot.phase
                return .failed(phase == .sealed ? .keyUnavailable : .notSignedIn(phase))
            }
            if method == .sessionToken {
                let leftMs = publication.tokenLeftMs(at: now)
                let hasEnded = leftMs.map { $0 <= 0 || $0 < minValidMs - TokenSet.deliveryMs } ?? false
                return .encoded(
                    hasEnded
                        ? session.tokens.encoded(beside: publication.snapshot, hasEnded: true)
                        : publication.encodedTokens)
            }
            guard let headers = serving.headers(of: publication) else {
                return .failed(.notSupported(provider: provider, method: method.rawValue))
            }
            return .result(["headers": .object(headers.mapValues { .string($0.reveal()) })])
        }
        return .read(
            StandingRead { now in
                let publication = serving.publication
                let isGood =
                    publication.isCurrent(at: now) && !publication.needsRenewal(at: now, minValidMs: minValidMs)
                return isGood ? answer(publication, now) : nil
            } slow: {
                SlowCall(timeoutMs: timeoutMs, entersKeeper: true) {
                    let settled = await serving.settle()
                    let now = clock.now()
                    guard settled.needsRenewal(at: now, minValidMs: minValidMs) else { return answer(settled, now) }
                    do throws(KeeperError) {
                        return answer(try await serving.tokens(minValidMs: minValidMs), clock.now())
                    } catch {
                        return .failed(.keeper(error, provider: provider, method: method))
                    }
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
    /// What a token that was renewed for this very answer may have lost on its way: the short-lived token is left out
    /// where it has ended, or where even a fresh one does not last for as long as was asked.
    fileprivate static let deliveryMs: Int64 = 5000
}
