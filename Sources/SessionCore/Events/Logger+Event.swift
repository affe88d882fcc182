package import Logging

extension OperationalEvent {
    /// Under what name an event goes with its metadata; the value is `.stringConvertible` of the event itself.
    package static let metadataKey = "event"
}

extension Logger {
    /// Logs an event at its level. `profile`, where the event is about one, is in the metadata of it or of the logger.
    ///
    /// Metadata become fields of the journal, readable by whoever may read it: never a token, a user's name or an
    /// address.
    package func event(
        _ event: OperationalEvent, _ message: @autoclosure () -> Logger.Message,
        metadata: @autoclosure () -> Logger.Metadata = [:],
        file: String = #fileID, function: String = #function, line: UInt = #line
    ) {
        guard logLevel <= event.level else { return }
        var all = metadata()
        all[OperationalEvent.metadataKey] = .stringConvertible(event)
        log(level: event.level, message(), metadata: all, file: file, function: function, line: line)
    }
}
