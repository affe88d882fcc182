import SessionCore
import SessionProtocol
import SessionTesting
import Testing

/// What every provider keeps to, whatever its service is.
@Suite("The contract of a provider", .timeLimit(.minutes(2)))
struct ProviderContractTests {
    typealias Subject = ContractSubject

    @Test("a validation confirms, and never moves the end", arguments: Subject.allCases)
    func validation(subject: Subject) async throws {
        try await subject.with { service in
            let profile = await service.profile()
            _ = try await service.signIn(profile)
            let end = profile.snapshot.expiresAt
            for _ in 1...3 {
                service.clock.advance(byMs: 60_000)
                let snapshot = try await profile.keeper.authenticate(durationMinutes: nil, expect: nil).snapshot
                #expect(snapshot.phase == .active && snapshot.expiresAt == end)
                #expect(snapshot.lastValidatedAt == service.clock.now().wall)
            }
            await profile.keeper.shutDown()
        }
    }

    @Test(
        "no failure but the service's word signs out, over a restart in the middle of it", arguments: Subject.allCases)
    func outages(subject: Subject) async throws {
        try await subject.with { service in
            var profile = await service.profile()
            _ = try await service.signIn(profile)
            for outage in service.outages {
                let session = try #require(profile.keeper.publication.session)
                let before = profile.snapshot
                try outage.begin()
                _ = try? await profile.keeper.authenticate(durationMinutes: nil, expect: nil)
                #expect(profile.snapshot.phase == .stale, "\(outage.name)")
                #expect(profile.snapshot.objects == before.objects, "\(outage.name)")
                #expect(profile.keeper.publication.session?.tokens == session.tokens, "\(outage.name)")
                #expect(profile.snapshot.heartbeat.nextAttemptAt != nil, "\(outage.name)")
                await profile.keeper.shutDown()

                profile = await service.profile(vault: profile.vault, instance: outage.name)
                _ = try? await profile.keeper.authenticate(durationMinutes: nil, expect: nil)
                #expect(profile.snapshot.phase == .unverified, "\(outage.name)")
                #expect(profile.keeper.publication.session?.tokens == session.tokens, "\(outage.name)")
                try outage.end()
                _ = try await profile.keeper.authenticate(durationMinutes: nil, expect: nil)
                #expect(profile.snapshot.phase == .active, "\(outage.name)")
            }
            await profile.keeper.shutDown()
        }
    }

    @Test("what the service has ended is noticed, and nothing of it stays", arguments: Subject.allCases)
    func ended(subject: Subject) async throws {
        try await subject.with { service in
            let profile = await service.profile()
            try await service.endAtService(try await service.signIn(profile))
            _ = try? await profile.keeper.authenticate(durationMinutes: nil, expect: nil)
            let snapshot = await profile.until { $0.snapshot.phase == .signedOut }.snapshot
            #expect(snapshot.cause.kind == .endedElsewhere)
            for (name, info) in snapshot.objects where !service.provider.traits.lastingObjects.contains(name) {
                #expect(info == .unavailable(.signedOut), "\(name)")
            }
            #expect(profile.keeper.publication.session == nil && profile.vault.record(of: "p")?.session == nil)
            await profile.keeper.shutDown()
        }
    }

    @Test(
        "an answer that comes too late changes nothing: not a new session, not an ended one",
        arguments: Subject.allCases)
    func lateAnswers(subject: Subject) async throws {
        try await subject.with { service in
            let profile = await service.profile()
            let first = try await service.signIn(profile)
            service.provider.hold()
            try await service.endAtService(first)
            async let late = try? profile.keeper.authenticate(durationMinutes: nil, expect: nil)
            await service.provider.heldBack()
            service.giveUpWaiting(profile)
            let second = try await service.signIn(profile)
            service.provider.release()
            _ = await late
            #expect(profile.snapshot.phase == .active)
            #expect(profile.keeper.publication.session?.sessionID == second.sessionID)
            _ = try await profile.keeper.authenticate(durationMinutes: nil, expect: nil)

            service.provider.hold()
            async let later = try? profile.keeper.authenticate(durationMinutes: nil, expect: nil)
            await service.provider.heldBack()
            service.giveUpWaiting(profile)
            _ = try await profile.keeper.invalidate(expect: nil)
            service.provider.release()
            _ = await later
            #expect(profile.snapshot.phase == .signedOut && profile.snapshot.cause.kind == .invalidated)
            await profile.keeper.shutDown()
        }
    }

    @Test("one validation is in flight, however many ask, and all share its answer", arguments: Subject.allCases)
    func oneInFlight(subject: Subject) async throws {
        try await subject.with { service in
            let profile = await service.profile()
            _ = try await service.signIn(profile)
            let asked = service.provider.asked
            service.provider.hold()
            let callers = (0..<50).map { _ in
                Task { try await profile.keeper.authenticate(durationMinutes: nil, expect: nil).snapshot.phase }
            }
            await service.provider.heldBack()
            service.provider.release()
            for caller in callers { #expect(try await caller.value == .active) }
            #expect(service.provider.mostInFlight == 1)
            // A caller that comes after the answer asks anew.
            #expect(service.provider.asked - asked < callers.count)
            await profile.keeper.shutDown()
        }
    }

    @Test("a restart restores the session as it was, and has it confirmed at once", arguments: Subject.allCases)
    func restart(subject: Subject) async throws {
        try await subject.with { service in
            let profile = await service.profile()
            let session = try await service.signIn(profile)
            let before = profile.snapshot
            await profile.keeper.shutDown()
            service.provider.hold()
            let again = await service.profile(vault: profile.vault, instance: "i2")
            #expect(again.snapshot.phase == .unverified && again.snapshot.cause.kind == .restored)
            #expect(again.snapshot.objects == before.objects && again.snapshot.expiresAt == before.expiresAt)
            #expect(again.keeper.publication.session?.tokens == session.tokens)
            await service.provider.heldBack()
            service.provider.release()
            await again.until { $0.snapshot.phase == .active }
            await again.keeper.shutDown()
        }
    }

    @Test("revoking ends the session at the service; ending one that is gone succeeds", arguments: Subject.allCases)
    func revocation(subject: Subject) async throws {
        try await subject.with { service in
            let profile = await service.profile()
            let session = try await service.signIn(profile)
            let result = try await profile.keeper.revoke(.current, force: false, expect: nil)
            #expect(result.isConfirmed && result.publication.snapshot.phase == .signedOut)
            switch await service.provider.validate(session) {
            case .ended, .bringing(_, .ended): break
            case let outcome: Issue.record("the service still knows the session: \(outcome.summary)")
            }
            let again = await service.provider.revoke(.current, session: session)
            #expect(again == .confirmed || again == .gone)
            await profile.keeper.shutDown()
        }
    }

    @Test("every snapshot has every object that the provider knows, and no other", arguments: Subject.allCases)
    func objects(subject: Subject) async throws {
        try await subject.with { service in
            let expected = service.provider.traits.objects.sorted()
            let profile = await service.profile()
            #expect(profile.snapshot.objects.keys.sorted() == expected)
            _ = try await service.signIn(profile)
            #expect(profile.snapshot.objects.keys.sorted() == expected)
            _ = try await profile.keeper.invalidate(expect: nil)
            #expect(profile.snapshot.objects.keys.sorted() == expected)
            await profile.keeper.shutDown()
        }
    }

    @Test(
        "no token and no password is in a snapshot, a list, an error, a description or the log",
        arguments: Subject.allCases)
    func secrecy(subject: Subject) async throws {
        try await subject.with { service in
            let profile = await service.profile()
            let session = try await service.signIn(profile)
            var seen: [String] = []
            func look() {
                seen.append(String(decoding: profile.keeper.publication.encoded, as: UTF8.self))
                seen.append("\(profile.keeper.publication)")
                seen.append(String(reflecting: profile.keeper.publication.session))
            }
            look()
            let listed = await service.provider.listSessions(session)
            seen.append("\(listed)")
            if case .answer(let sessions) = listed {
                seen += sessions.map { String(decoding: $0.value.encoded, as: UTF8.self) }
            }
            seen.append("\(await service.provider.fetchUser(session))")
            for outage in service.outages {
                try outage.begin()
                do {
                    _ = try await profile.keeper.authenticate(durationMinutes: nil, expect: nil)
                } catch {
                    seen.append("\(error) \(String(reflecting: error))")
                }
                do { _ = try await service.signIn(profile) } catch { seen.append("\(error)") }
                look()
                try outage.end()
            }
            seen += service.log.lines
            let tokens = [session.tokens.sessionToken, session.tokens.sessionJwt].compactMap { $0?.reveal() }
            for secret in tokens + [service.password] {
                #expect(!seen.contains { $0.contains(secret) })
            }
            await profile.keeper.shutDown()
        }
    }

    @Test("what a provider does not claim to do, it does not do", arguments: Subject.allCases)
    func operations(subject: Subject) async throws {
        try await subject.with { service in
            let profile = await service.profile()
            let session = try await service.signIn(profile)
            let secret = try #require(Secret("x"))
            let changes: [(ProviderOperation, SessionChange)] = [
                (.lock, .lock), (.lock, .unlock(password: secret)), (.accounts, .switchAccount(id: "a")),
                (.exchangeOrganization, .exchangeOrganization(id: "o", durationMinutes: 5)),
                (.exchangeAccessToken, .exchange(accessToken: secret, durationMinutes: 5)),
                (.extend, .extend(minutes: 5)),
            ]
            for (operation, change) in changes where !service.provider.traits.operations.contains(operation) {
                guard case .notSupported = await service.provider.change(change, session: session) else {
                    Issue.record("\(operation)")
                    continue
                }
            }
            await profile.keeper.shutDown()
        }
    }
}
