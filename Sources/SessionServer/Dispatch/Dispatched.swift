import SessionCore
import SessionProtocol

/// What is to be done about a request that was found in order.
enum Dispatched {
    case answer(Answer)
    case read(StandingRead)
    case slow(SlowCall)
    /// The rest concerns the connection itself.
    case watch(WatchRequest)
    case unwatch(subscription: String)
    case cancel(RequestID)
    case wait(PhaseWait)
}

/// A read that was found in order, and stays so until permissions or profiles change: its answer follows from the time
/// and from what is published then.
struct StandingRead {
    /// The answer, without waiting; nil where time has overtaken what is published, and the keeper must be asked.
    let answer: (Moment) -> Answer?
    /// Asks the keeper.
    let slow: () -> SlowCall

    /// One that nothing overtakes.
    static func constant(_ answer: Answer) -> StandingRead {
        StandingRead(answer: { _ in answer }, slow: { SlowCall { answer } })
    }
}

/// A call that is carried out off the event loop.
struct SlowCall: Sendable {
    var timeoutMs: Int64?
    /// The daemon's end waits for it.
    var isChange = false
    /// It goes straight to a keeper, whose queue keeps the order in which requests have come.
    var entersKeeper = false
    var run: @Sendable () async -> Answer
}

/// `session.watch`, checked.
struct WatchRequest: Sendable {
    struct Since: Sendable {
        var instance: String
        var revision: Int64
    }

    /// nil: every profile that the peer may read.
    var profile: String?
    var topics: Set<String>?
    var since: Since?
}

/// `session.wait`, checked.
struct PhaseWait: Sendable {
    var profile: String
    var phases: Set<Phase>
    var timeoutMs: Int64?
}
