import SessionCore

/// One fact of the log as an entry of the journal with fields of its own (systemd.journal-fields(7)).
package struct JournalEntry: Sendable, Hashable {
    /// `NAME=value`. No value has a control character.
    package let fields: [String]
    package let place: CodePlace

    /// MESSAGE is what a line has after its level, without the logger's name; with `json` it is the whole object.
    init(_ line: LogLine, as format: LogFormat) {
        var fields = ["MESSAGE=\(line.journalMessage(as: format))", "PRIORITY=\(line.level.syslogPriority)"]
        fields.append("SYSLOG_IDENTIFIER=sessiond")
        if let event = line.event {
            fields += ["MESSAGE_ID=\(event.messageID)", "SESSIOND_EVENT=\(event.rawValue)"]
        }
        if line.repeats > 0 { fields.append("SESSIOND_REPEATS=\(line.repeats)") }
        for (name, value) in line.metadata where name != "logger" {
            guard let field = Self.fieldName(name) else { continue }
            fields.append("\(field)=\(value.escapingControls)")
        }
        self.fields = fields
        place = line.place
    }

    /// `sqliteCode` as `SESSIOND_SQLITE_CODE`; nil where journald would refuse it: letters, digits and underscores, at
    /// most 64 of them.
    static func fieldName(_ name: String) -> String? {
        switch name {
        case "uid": return "SESSIOND_PEER_UID"
        case "pid": return "SESSIOND_PEER_PID"
        default: break
        }
        var field = "SESSIOND_"
        for scalar in name.unicodeScalars {
            switch scalar {
            case "a"..."z": field += String(scalar).uppercased()
            case "A"..."Z": field += "_" + String(scalar)
            case "0"..."9", "_": field += String(scalar)
            default: return nil
            }
        }
        return field.utf8.count <= 64 && field != "SESSIOND_" ? field : nil
    }
}

/// Where in the sources a fact was logged: CODE_FILE, CODE_FUNC and CODE_LINE.
package struct CodePlace: Sendable, Hashable {
    /// `Module/File.swift`: no path of the machine that has built it.
    package let file: String
    package let function: String
    package let line: UInt

    package init(file: String = #fileID, function: String = #function, line: UInt = #line) {
        self.file = file
        self.function = function
        self.line = line
    }
}
