import SessionCore
import SessionProtocol

/// What the objects at hand grant, and which alerts they let somebody see.
struct BackstackAccess: Sendable {
    private let objects: [String: JSONValue]

    /// - Parameter objects: those that clients see: without `access` nobody is signed in, or the screen is locked.
    init(objects: [String: JSONValue]) { self.objects = objects }

    func allows(_ question: AccessQuestion) -> Bool {
        if isDemo {
            guard case .requirement(let text) = question else { return true }
            return !text.isEmpty
        }
        // A restored session may be locked though nobody has confirmed it yet.
        let isLocked = objects["user"]?["screen_locked"] == true
        return AccessGrammar(access: isLocked ? nil : objects["access"]).allows(question)
    }

    /// The demo's access is empty, and everything is granted.
    private var isDemo: Bool {
        objects["session"]?["demo"] == true && objects["access"]?.objectValue != nil
            && objects["user"]?["screen_locked"] != true
    }

    /// Those whose requirement is met: 1 is the most urgent, what has no priority the least, newer ones go first, and
    /// Backstack's order decides the rest.
    var alerts: [JSONValue] {
        (objects["alerts"]?.arrayValue ?? [])
            .filter { alert in alert["access"]?.stringValue.map { allows(.requirement($0)) } ?? false }
            .enumerated()
            .map { Ranked(alert: $0.element, place: $0.offset) }
            .sorted { $0.rank < $1.rank }
            .map(\.alert)
    }

    private struct Ranked {
        let alert: JSONValue
        let place: Int

        var rank: (Int64, Int64, Int) {
            // Int64.min has no negative.
            (number("priority") ?? .max, -max(number("timestamp") ?? 0, -.max), place)
        }

        private func number(_ name: String) -> Int64? {
            alert[name]?.integerValue ?? alert[name]?.stringValue.flatMap { Int64($0) }
        }
    }
}
