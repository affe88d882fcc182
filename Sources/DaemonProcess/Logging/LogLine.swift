package import Logging
package import SessionCore
import SessionProtocol

/// The shape of a log line.
package enum LogFormat: String, Sendable, Hashable, CaseIterable {
    /// `level message key=value …`
    case text
    /// One JSON object.
    case json
}

/// One fact of the log as one line of text, without its line feed.
///
/// Whatever a value holds, the line stays one line and shows no control character: a log is read by terminals and by
/// programs that take a line for a fact.
package struct LogLine: Sendable {
    /// The longest line, its line feed included: what a pipe takes whole or not at all (PIPE_BUF, pipe(7)).
    package static let maximumBytes = 4096

    package var level: Logger.Level
    package var message: String
    package var metadata: [(name: String, value: String)]
    /// Not in text lines.
    package var event: OperationalEvent?
    /// Where it was logged; only in the journal.
    package var place: CodePlace
    /// How many facts like it this one stands for, where it tells of repeats.
    var repeats = 0

    /// Metadata are written in the order of their names.
    package init(
        level: Logger.Level, message: String, metadata: Logger.Metadata = [:], event: OperationalEvent? = nil,
        place: CodePlace = CodePlace()
    ) {
        self.level = level
        self.event = event
        self.place = place
        // More would be cut anyway, after the work of escaping it.
        self.message = message.cut(toBytes: Self.maximumBytes)
        self.metadata = metadata.sorted { $0.key < $1.key }
            .map { ($0.key, $0.value.description.cut(toBytes: Self.maximumBytes)) }
    }

    /// Tells of lines that were not written.
    static func dropped(_ count: Int) -> LogLine {
        LogLine(
            level: OperationalEvent.entriesDropped.level, message: "log lines were dropped because nobody took them",
            metadata: ["dropped": "\(count)"], event: .entriesDropped)
    }

    /// The profile that it is about.
    var profile: String? { metadata.first { $0.name == "profile" }?.value }

    /// About how much memory it takes.
    var roughBytes: Int { metadata.reduce(message.utf8.count + 256) { $0 + $1.name.utf8.count + $1.value.utf8.count } }

    /// The line as it is written, cut to `maximumBytes`.
    ///
    /// - Parameters:
    ///   - time: put in front, where the reader of the log does not add a time of its own.
    ///   - hasPriority: whether the line starts with `<N>`, which journald takes as its priority (sd-daemon(3)).
    package func encoded(as format: LogFormat, time: String?, hasPriority: Bool) -> [UInt8] {
        var line = hasPriority ? Array("<\(level.syslogPriority)>".utf8) : []
        switch format {
        case .text: line += text(time: time)
        case .json: line += json(time: time, room: Self.maximumBytes - line.count - 1)
        }
        line.append(UInt8(ascii: "\n"))
        return line
    }

    /// The text of the journal's MESSAGE: without the level, which is its PRIORITY, and without the logger's name.
    func journalMessage(as format: LogFormat) -> String {
        switch format {
        case .text: String(decoding: cut(body(without: "logger")), as: UTF8.self)
        case .json: String(decoding: json(time: nil, room: Self.maximumBytes - 1), as: UTF8.self)
        }
    }

    private func text(time: String?) -> [UInt8] {
        cut("\(time.map { $0 + " " } ?? "")\(level.rawValue) \(body())")
    }

    private func body(without hidden: String? = nil) -> String {
        var text = message.escapingControls
        for (name, value) in metadata where name != hidden {
            text += " \(name.escapingControls)=\(value.asLogValue)"
        }
        return text
    }

    private func cut(_ text: String) -> [UInt8] {
        // Room for the priority and the line feed. A cut ends in an ellipsis.
        let room = Self.maximumBytes - 8
        guard text.utf8.count > room else { return Array(text.utf8) }
        return Array((text.cut(toBytes: room - 3) + "…").utf8)
    }

    /// Cut JSON is no JSON: a line that is too long has values cut, then left out, and says so by `cut`.
    private func json(time: String?, room: Int) -> [UInt8] {
        var members: [String: JSONValue] = ["level": .string(level.rawValue), "message": .string(message)]
        if let time { members["time"] = .string(time) }
        if let event { members["event"] = .string(event.rawValue) }
        var text = message
        // Escapes make a text up to six times as long, so this ends with some of it left.
        while JSONValue.object(members).encoded.count > room / 2 {
            text = text.cut(toBytes: min(text.utf8.count / 2, room))
            members["message"] = .string(text + "…")
            members["cut"] = true
        }
        var left = room - JSONValue.object(members).encoded.count - #","cut":true,"fields":{}"#.utf8.count
        var fields: [String: JSONValue] = [:]
        for (name, value) in metadata {
            func cost(_ value: String) -> Int {
                JSONValue.string(name).encoded.count + JSONValue.string(value).encoded.count + 2
            }
            let cuts = [512, 64].lazy.map { value.cut(toBytes: $0) + "…" }
            guard let kept = cost(value) <= left ? value : cuts.first(where: { cost($0) <= left }) else {
                members["cut"] = true
                continue
            }
            if kept != value { members["cut"] = true }
            fields[name] = .string(kept)
            left -= cost(kept)
        }
        if !fields.isEmpty { members["fields"] = .object(fields) }
        return JSONValue.object(members).encoded
    }
}

extension Logger.Level {
    /// The priority in syslog's terms (syslog(3)).
    package var syslogPriority: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
