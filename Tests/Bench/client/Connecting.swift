import SessionClient

extension ClientBench {
    /// Fresh clients, one after another, each of which connects, asks once and goes.
    ///
    /// `connect` is from the call of `SessionClient.connect` to its return: the client's thread is there, the socket is
    /// connected, and its server is believed. `answer` is from there to the return of `snapshot()` with the decoded
    /// answer to `session.get`. Nanoseconds.
    static func connecting(to socket: String, clients: Int) async throws -> JSONValue {
        let clock = ContinuousClock()
        var connect: [JSONValue] = []
        var answer: [JSONValue] = []
        connect.reserveCapacity(clients)
        answer.reserveCapacity(clients)
        for _ in 0..<clients {
            let begun = clock.now
            let client = try await SessionClient.connect(to: socket)
            let connected = clock.now
            let snapshot = try await client.profile().snapshot()
            let answered = clock.now
            guard snapshot.phase == .active else { throw Failure("the profile is not signed in") }
            client.close()
            connect.append((connected - begun).nanoseconds)
            answer.append((answered - connected).nanoseconds)
        }
        return ["connect": .array(connect), "answer": .array(answer)]
    }
}
