import SessionCore

/// Tells an event that says the same again and again the first time, and then how often within a window.
///
/// A pure value: time is an argument, in milliseconds of the boot clock, and what is to be written is returned. The same
/// is what has the same event, profile, message and fields, the peer's process apart: an error whose text changes is
/// told at once. Only conditions are collected; that something has changed is told every time.
struct RepeatCoalescer: Sendable {
    private struct Key: Hashable {
        let event: OperationalEvent
        let message: String
        let fields: [String]

        init?(_ line: LogLine) {
            guard let event = line.event, event.isCondition else { return nil }
            self.event = event
            message = line.message
            fields = line.metadata.filter { $0.name != "pid" }.map { "\($0.name)=\($0.value)" }
        }
    }

    private struct Repeated {
        /// The newest.
        var line: LogLine
        /// When the line was last told.
        var since: Int64
        /// How often since then.
        var count = 0

        func summary(at now: Int64) -> LogLine? {
            guard count > 0 else { return nil }
            var summary = line
            summary.repeats = count
            summary.message += " (repeated \(count) \(count == 1 ? "time" : "times") in \(span(now - since)))"
            return summary
        }

        private func span(_ milliseconds: Int64) -> String {
            let seconds = (milliseconds + 500) / 1000
            return seconds < 60 ? "\(seconds) s" : "\((seconds + 30) / 60) min"
        }
    }

    /// Beyond it the one that was told longest ago makes room: clients may make as many as they have uids.
    static let maximumKeys = 256

    private let windowMs: Int64
    private var repeated: [Key: Repeated] = [:]

    init(windowMs: Int64) { self.windowMs = windowMs }

    /// A line has come: the lines to write now.
    mutating func take(_ line: LogLine, at now: Int64) -> [LogLine] {
        var told = due(at: now)
        if let event = line.event, !event.resolves.isEmpty {
            told += tell(at: now) { key, one in
                event.resolves.contains(key.event) && one.line.profile == line.profile
            }
        }
        guard let key = Key(line) else { return told + [line] }
        if repeated[key] != nil {
            repeated[key]?.line = line
            repeated[key]?.count += 1
            return told
        }
        if repeated.count >= Self.maximumKeys, let oldest = repeated.min(by: { $0.value.since < $1.value.since }) {
            told += tell(at: now) { key, _ in key == oldest.key }
        }
        repeated[key] = Repeated(line: line, since: now)
        return told + [line]
    }

    /// Time has passed: what is to be written of the windows that are over. One in which nothing was repeated is
    /// forgotten, so that the next is told at once.
    mutating func due(at now: Int64) -> [LogLine] {
        let over = repeated.filter { $0.value.since + windowMs <= now }
        for (key, one) in over {
            repeated[key] = one.count == 0 ? nil : Repeated(line: one.line, since: now)
        }
        return Self.summaries(Array(over.values), at: now)
    }

    /// When there is something to tell if nothing else comes; nil where there will not be.
    var nextDue: Int64? {
        repeated.values.lazy.filter { $0.count > 0 }.map(\.since).min().map { $0 + windowMs }
    }

    /// The end: all that has not been told.
    mutating func finish(at now: Int64) -> [LogLine] { tell(at: now) { _, _ in true } }

    private mutating func tell(at now: Int64, where isMeant: (Key, Repeated) -> Bool) -> [LogLine] {
        let meant = repeated.filter { isMeant($0.key, $0.value) }
        for key in meant.keys { repeated[key] = nil }
        return Self.summaries(Array(meant.values), at: now)
    }

    private static func summaries(_ repeated: [Repeated], at now: Int64) -> [LogLine] {
        repeated.sorted { ($0.since, $0.line.message) < ($1.since, $1.line.message) }.compactMap { $0.summary(at: now) }
    }
}
