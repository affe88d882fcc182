package import SessionProtocol

/// What differs between two states of a profile: names of objects, `phase`, `challenge` and `expiresAt`.
package struct ChangeSet: Sendable, Hashable {
    package let names: Set<String>

    package init(from old: Snapshot, to new: Snapshot) {
        var names: Set<String> = []
        if old.phase != new.phase { names.insert("phase") }
        if old.challenge != new.challenge { names.insert("challenge") }
        if old.expiresAt != new.expiresAt { names.insert("expiresAt") }
        for name in Set(old.objects.keys).union(new.objects.keys)
        where Self.content(old.objects[name]) != Self.content(new.objects[name]) {
            names.insert(name)
        }
        self.names = names
    }

    /// An object without its age: being confirmed again is no change.
    private static func content(_ object: ObjectInfo?) -> ObjectInfo? {
        guard case .available(let value, _)? = object else { return object }
        return .available(value, lastValidatedAt: nil)
    }
}

/// One line for one change.
package enum ChangeLine {
    /// `previous` is nil for the state that a watch begins with.
    package static func text(_ snapshot: Snapshot, previous: Snapshot?, now: Int64, style: Style) -> String {
        let phase = snapshot.phase
        var parts = [
            style.paint(style.localTime.clock(now), .dim),
            "\(phase.mark(style)) \(style.paint(Printable.escape(snapshot.profile), .bold))",
            style.paint(phase.rawValue, phase.colour), Printable.escape(snapshot.cause.kind.rawValue),
        ]
        if let previous {
            let names = ChangeSet(from: previous, to: snapshot).names.sorted()
            if !names.isEmpty { parts.append(Printable.escape("[\(names.joined(separator: " "))]")) }
        }
        if phase.isSignedIn, let person = Person.named(in: snapshot.objects) { parts.append(person) }
        if let expiresAt = snapshot.expiresAt {
            parts.append("until \(style.localTime.near(expiresAt, now: now))")
        }
        return parts.joined(separator: "  ") + "\n"
    }
}
