import CLinux
import Glibc

/// What this process can know of other users (user_namespaces(7)).
package enum UserNamespace {
    /// Whether every user and group has an id here, as in the machine's own namespace: then `nobody` is that user, and
    /// not anyone whom the kernel cannot name.
    package static let mapsEveryID = mapsAll(text(of: "/proc/self/uid_map")) && mapsAll(text(of: "/proc/self/gid_map"))

    /// Whether one line of a map covers all ids but the one that means none.
    package static func mapsAll(_ map: String) -> Bool {
        map.split(separator: "\n").contains { line in
            line.split(whereSeparator: \.isWhitespace).map { UInt32($0) } == [0, 0, UInt32.max]
        }
    }

    /// Empty where it cannot be read, which says nothing about anybody.
    private static func text(of path: String) -> String {
        let descriptor = cl_open(path, O_RDONLY, 0)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(descriptor, &bytes, bytes.count)
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : ""
    }
}
