import CLinux
import SessionCore
import Synchronization

/// A clock that stands where it is put.
final class FakeClock: KeeperClock {
    private let moment: Mutex<Moment>

    init(wall: Int64 = 1_763_750_000_000) { moment = Mutex(Moment(wall: wall, boot: 1_000_000)) }

    func now() -> Moment { moment.withLock { $0 } }

    var bootID: String? { nil }

    func advance(ms: Int64) { moment.withLock { $0 = Moment(wall: $0.wall + ms, boot: $0.boot + ms) } }

    func sleep(untilBoot boot: Int64) async throws(CancellationError) { throw CancellationError() }

    func random() -> Double { 0.5 }
}
