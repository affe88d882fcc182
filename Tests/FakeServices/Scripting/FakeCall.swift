package import SessionProtocol

/// A request that a fake got, and how it answered.
package struct FakeCall: Sendable, Hashable {
    package var verb: String
    package var path: String
    package var query: [String: String]
    /// Names in lower case.
    package var headers: [String: String]
    /// nil: empty or no JSON.
    package var body: JSONValue?
    /// The answer's.
    package var status: Int
    /// The answer's body, nil where it is no JSON.
    package var answer: JSONValue?
    /// The error code in the answer.
    package var errorCode: String?
}

/// The requests so far, and who waits for the next.
struct FakeCallRecord {
    private(set) var calls: [FakeCall] = []
    private var watchers: [Int: AsyncStream<Void>.Continuation] = [:]
    private var nextWatcher = 0

    mutating func add(_ request: FakeRequest, _ answer: FakeAnswer, by service: some FakeService) {
        let json = answer.json
        calls.append(
            FakeCall(
                verb: request.verb, path: request.path, query: request.query, headers: request.headers,
                body: request.json, status: answer.status, answer: json,
                errorCode: json.flatMap { service.errorCode(in: $0) }))
    }

    func calls(on pattern: String?) -> [FakeCall] {
        guard let pattern else { return calls }
        return calls.filter { FakeScripts.matches($0.verb, $0.path, pattern) }
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
