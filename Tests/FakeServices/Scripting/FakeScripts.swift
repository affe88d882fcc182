/// Scripted effects that wait for a request, each list in its order.
struct FakeScripts {
    private struct Entry {
        /// nil: any request.
        var pattern: String?
        var effect: FakeEffect
    }

    private var waiting: [Entry] = []
    /// What lies over every answer for which none is scripted.
    private var standing: [Entry] = []

    mutating func add(_ effects: [FakeEffect], on pattern: String?) {
        waiting += effects.map { Entry(pattern: pattern, effect: $0) }
    }

    mutating func setStanding(_ effect: FakeEffect?, on pattern: String?) {
        standing.removeAll { $0.pattern == pattern }
        if let effect { standing.append(Entry(pattern: pattern, effect: effect)) }
    }

    mutating func clear() {
        waiting = []
        standing = []
    }

    /// One for its path goes before one for any; the standing effects only where none was scripted.
    mutating func next(for request: FakeRequest) -> [FakeEffect] {
        let (verb, path) = (request.verb, request.path)
        let index =
            waiting.firstIndex { $0.pattern.map { Self.matches(verb, path, $0) } ?? false }
            ?? waiting.firstIndex { $0.pattern == nil }
        if let index { return [waiting.remove(at: index).effect] }
        return standing.filter { $0.pattern.map { Self.matches(verb, path, $0) } ?? true }.map(\.effect)
    }

    /// A pattern is a whole path (`/app/session`) or its end from a slash on (`auth/user`), a verb before it or not
    /// (`POST /user/lock-screen`).
    static func matches(_ verb: String, _ path: String, _ pattern: String) -> Bool {
        let parts = pattern.split(separator: " ", maxSplits: 1)
        guard let end = parts.last else { return false }
        if parts.count == 2, parts[0] != verb { return false }
        return end.hasPrefix("/") ? path == end : path.hasSuffix("/" + end)
    }
}
