/// Scripted effects that wait for a request, each list in its order.
struct StytchScripts {
    private struct Entry {
        /// nil: any path.
        var path: String?
        var effect: FakeStytchEffect
    }

    private var waiting: [Entry] = []
    /// What lies over every answer, after the scripted ones are used up.
    private var standing: [Entry] = []

    mutating func add(_ effects: [FakeStytchEffect], on path: String?) {
        waiting += effects.map { Entry(path: path, effect: $0) }
    }

    mutating func setStanding(_ effect: FakeStytchEffect?, on path: String?) {
        standing.removeAll { $0.path == path }
        if let effect { standing.append(Entry(path: path, effect: effect)) }
    }

    mutating func clear() {
        waiting = []
        standing = []
    }

    /// One for its path goes before one for any; the standing effects only where none was scripted.
    mutating func next(for path: String) -> [FakeStytchEffect] {
        let index =
            waiting.firstIndex { $0.path.map { Self.matches(path, $0) } ?? false }
            ?? waiting.firstIndex { $0.path == nil }
        if let index { return [waiting.remove(at: index).effect] }
        return standing.filter { $0.path.map { Self.matches(path, $0) } ?? true }.map(\.effect)
    }

    /// A pattern is a whole path, or its end from a slash on: `sessions/authenticate`.
    static func matches(_ path: String, _ pattern: String) -> Bool {
        pattern.hasPrefix("/") ? path == pattern : path.hasSuffix("/" + pattern)
    }
}
