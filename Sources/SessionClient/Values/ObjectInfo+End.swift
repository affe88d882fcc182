import CLinux
import SessionProtocol

extension ObjectInfo {
    /// This object at present, where its session ends at `end`: a state that is kept while the daemon is away does not
    /// outlive the session. Times are Unix milliseconds; `wall` says what time it is, as exactly as `end` needs it.
    func unlessPast(_ end: Int64?, wall: (_ end: Int64) -> Int64 = WallClock.time(near:)) -> ObjectInfo {
        guard case .available = self, let end, end <= wall(end) else { return self }
        return .unavailable(.expired)
    }
}

enum WallClock {
    /// A tick may come late, but not by as much as this, in milliseconds.
    private static let latestTick: Int64 = 1000

    /// Whether this is before `moment` is as exact as the clock; far from it the time of the last tick is enough, which
    /// costs a fifth.
    static func time(near moment: Int64) -> Int64 {
        let tick = cl_wall_tick_milliseconds()
        return tick < moment - latestTick ? tick : cl_wall_milliseconds()
    }
}
