import CLinux
import SessionProtocol
import Synchronization

/// The newest known state of one profile, for readers who cannot wait.
///
/// The first look starts a watch, which lasts as long as the client. A look takes two locks that are held for a copy
/// only, never the connection's.
final class ProfileCache: Sendable {
    /// A refused watch is asked for again by a look that comes later than this, in milliseconds.
    private static let retryAfter: Int64 = 1000

    private let key: WatchKey
    private let place = Mutex<Link.Machine.Place?>(nil)

    init(profile: String?) { key = WatchKey(profile: profile) }

    /// What `see` takes of the newest state; nil before the first, and where the daemon refuses to tell. `see` only
    /// copies: it is called under the locks.
    @inline(__always)
    func look<Seen: Sendable>(_ link: Link, _ see: (StateBoard.Posting) -> Seen) -> Seen? {
        place.withLock { $0?.board.look(see) } ?? lookAnew(link, see)
    }

    /// Where there was nothing to be seen: because nobody has asked yet, or so long ago that it is time to ask again.
    private func lookAnew<Seen: Sendable>(_ link: Link, _ see: (StateBoard.Posting) -> Seen) -> Seen? {
        if let view = place.withLock({ $0?.board.view }) {
            guard case .refused(_, let at) = view.ending else { return view.posting.map(see) }
            guard cl_boot_milliseconds() - at > Self.retryAfter else { return nil }
        }
        return begin(link)?.look(see)
    }

    /// Where two begin at once both ask, which is one watch with two readers; one of them is given back.
    private func begin(_ link: Link) -> StateBoard? {
        guard let fresh = link.observe(key) else { return nil }
        let kept: Link.Machine.Place? = place.withLock { place in
            if let place, place.board.view.ending == nil { return place }
            place = fresh
            return nil
        }
        if kept != nil { link.unobserve(fresh) }
        return (kept ?? fresh).board
    }
}

/// The caches of a client, one a profile.
final class ProfileCaches: Sendable {
    private let caches = Mutex<[String?: ProfileCache]>([:])

    func cache(of profile: String?) -> ProfileCache {
        caches.withLock { caches in
            if let cache = caches[profile] { return cache }
            let cache = ProfileCache(profile: profile)
            caches[profile] = cache
            return cache
        }
    }
}
