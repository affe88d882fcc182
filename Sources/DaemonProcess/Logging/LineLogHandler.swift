package import Logging
import SessionCore

/// swift-log's back end: every fact becomes one `LogLine` of a shared `LogOutput`.
package struct LineLogHandler: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    private let output: LogOutput
    /// A level set on one logger alone.
    private var ownLevel: Logger.Level?

    package init(label: String, output: LogOutput) {
        self.output = output
        metadata["logger"] = .string(label)
    }

    package var logLevel: Logger.Level {
        get { ownLevel ?? output.level }
        set { ownLevel = newValue }
    }

    package subscript(metadataKey name: String) -> Logger.Metadata.Value? {
        get { metadata[name] }
        set { metadata[name] = newValue }
    }

    package func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { _, new in new } }
        if let given = event.metadata { all.merge(given) { _, new in new } }
        if let error = event.error { all["error"] = .string("\(error)") }
        var operational: OperationalEvent?
        if case .stringConvertible(let value) = all[OperationalEvent.metadataKey],
            let event = value as? OperationalEvent
        {
            operational = event
            all[OperationalEvent.metadataKey] = nil
        }
        output.write(
            LogLine(
                level: event.level, message: event.message.description, metadata: all, event: operational,
                place: CodePlace(file: event.file, function: event.function, line: event.line)))
    }
}
