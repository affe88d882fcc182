import SessionProtocol

/// The requests so far, and who waits for the next.
struct StytchRecord {
    private(set) var calls: [FakeStytchCall] = []
    private var watchers: [Int: AsyncStream<Void>.Continuation] = [:]
    private var nextWatcher = 0

    mutating func add(_ request: FakeRequest, _ answer: FakeAnswer) {
        let basic = StytchBasic.read(request.headers["authorization"])
        calls.append(
            FakeStytchCall(
                verb: request.verb, path: request.path, query: request.query, headers: request.headers,
                user: basic?.user, password: basic?.password, body: request.json,
                client: StytchBasic.client(request.headers["x-sdk-client"]), answer: answer.jsonBody,
                status: answer.status,
                errorType: answer.jsonBody?["error_type"]?.stringValue))
    }

    func calls(on path: String?) -> [FakeStytchCall] {
        calls.filter { call in path.map { StytchScripts.matches(call.path, $0) } ?? true }
    }

    mutating func forget() {
        calls = []
    }

    mutating func watch(_ continuation: AsyncStream<Void>.Continuation) -> Int {
        nextWatcher += 1
        watchers[nextWatcher] = continuation
        return nextWatcher
    }

    mutating func unwatch(_ watcher: Int) {
        watchers[watcher] = nil
    }

    /// To be told, outside the lock, that there is another call.
    var waiting: [AsyncStream<Void>.Continuation] { Array(watchers.values) }
}
