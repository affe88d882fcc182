import SessionClient

extension ClientBench {
    /// How long each loop of that many reads of `cachedSession` takes, in nanoseconds.
    static func reading(from socket: String, loops: Int, reads: Int) async throws -> JSONValue {
        let client = try await SessionClient.connect(to: socket)
        let profile = client.profile()
        // The first look begins the watch, whose state is in the cache when the sequence has told it.
        _ = profile.cachedSession
        var states = client.changes().makeAsyncIterator()
        while !isLive(profile.cachedSession) {
            guard try await states.next() != nil else { throw Failure("the watch ended before there was a session") }
        }
        let clock = ContinuousClock()
        var taken: [JSONValue] = []
        for _ in 0..<loops {
            let begun = clock.now
            let found = live(of: profile, reads: reads)
            taken.append((clock.now - begun).nanoseconds)
            guard found == reads else { throw Failure("\(reads - found) of \(reads) reads saw no session") }
        }
        client.close()
        return ["loops": .array(taken), "reads": .integer(Int64(reads))]
    }

    /// How many of the reads found a session that lives: every value is looked into, so that none can be left out.
    @inline(never)
    private static func live(of profile: SessionClient.Profile, reads: Int) -> Int {
        var found = 0
        for _ in 0..<reads where isLive(profile.cachedSession) { found += 1 }
        return found
    }

    private static func isLive(_ session: ObjectInfo) -> Bool {
        guard case .available(.object(let members), _) = session else { return false }
        return !members.isEmpty
    }
}
