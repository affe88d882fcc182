import CLinux
import Glibc

/// The kernel's list of the descriptors that the loop waits for (epoll(7), level-triggered).
struct Poller: Sendable {
    /// What to wait for. A descriptor that waits for nothing still tells that its peer has hung up.
    struct Interest: OptionSet, Hashable {
        let rawValue: UInt32

        static let input = Interest(rawValue: UInt32(cl_readable))
        static let output = Interest(rawValue: UInt32(cl_writable))
    }

    /// What a descriptor is ready for.
    struct Readiness {
        let descriptor: CInt
        /// What it was added under, beside its descriptor, which others have had before it.
        let number: UInt32
        private let bits: UInt32

        init(_ told: cl_readiness) {
            descriptor = CInt(truncatingIfNeeded: told.token)
            number = UInt32(truncatingIfNeeded: told.token >> 32)
            bits = told.readiness
        }

        var isReadable: Bool { bits & UInt32(cl_readable) != 0 }
        var isWritable: Bool { bits & UInt32(cl_writable) != 0 }
        /// Nobody is at the other end any more; what had come before can still be read.
        var isHungUp: Bool { bits & UInt32(cl_hung_up | cl_failed) != 0 }
    }

    let descriptor: CInt

    /// False where the kernel has no room for it.
    func add(_ other: CInt, number: UInt32 = 0, _ interest: Interest) -> Bool {
        cl_epoll_add(descriptor, other, interest.rawValue, Self.token(other, number)) == 0
    }

    /// `other` has been added.
    func change(_ other: CInt, number: UInt32 = 0, to interest: Interest) {
        _ = cl_epoll_change(descriptor, other, interest.rawValue, Self.token(other, number))
    }

    private static func token(_ other: CInt, _ number: UInt32) -> UInt64 {
        UInt64(number) << 32 | UInt64(UInt32(bitPattern: other))
    }

    /// Forgets it. Closing a descriptor does so too.
    func remove(_ other: CInt) { _ = cl_epoll_remove(descriptor, other) }

    /// Fills `ready` from its start and tells how many there are. Waits without end where there is no limit.
    func wait(_ ready: inout [cl_readiness], limitMs: Int64?) -> Int {
        let limit = limitMs.map { CInt(clamping: max($0, 0)) } ?? -1
        return ready.withUnsafeMutableBufferPointer { room in
            max(0, Int(cl_epoll_wait(descriptor, room.baseAddress, CInt(room.count), limit)))
        }
    }
}
