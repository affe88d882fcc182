package import Logging
package import SessionCore

/// Keeps the events that are logged, so that a test can wait for each.
package struct EventRecorder: LogHandler {
    package let events: AsyncStream<OperationalEvent>
    private let continuation: AsyncStream<OperationalEvent>.Continuation
    package var metadata: Logger.Metadata = [:]
    package var logLevel = Logger.Level.trace

    package init() { (events, continuation) = AsyncStream.makeStream() }

    package var logger: Logger { Logger(label: "test") { _ in self } }

    package subscript(metadataKey name: String) -> Logger.Metadata.Value? {
        get { metadata[name] }
        set { metadata[name] = newValue }
    }

    package func log(event: LogEvent) {
        guard case .stringConvertible(let value) = event.metadata?[OperationalEvent.metadataKey],
            let event = value as? OperationalEvent
        else { return }
        continuation.yield(event)
    }

    /// The next events, as many as that; fewer when the test has run out of time.
    package func next(_ count: Int) async -> [OperationalEvent] {
        var found: [OperationalEvent] = []
        for await event in events {
            found.append(event)
            if found.count == count { break }
        }
        return found
    }
}
