import Glibc

/// The machine's users and groups by name.
package struct AccountDirectory: Sendable {
    /// The uid; nil where there is no such user.
    package var user: @Sendable (String) -> UInt32?
    /// The gid; nil where there is no such group.
    package var group: @Sendable (String) -> UInt32?

    package init(user: @escaping @Sendable (String) -> UInt32?, group: @escaping @Sendable (String) -> UInt32?) {
        self.user = user
        self.group = group
    }

    /// As getpwnam_r(3) and getgrnam_r(3) see them.
    package static let system = AccountDirectory(
        user: { name in
            lookUp { (buffer: inout [CChar]) in
                var entry = passwd()
                var found: UnsafeMutablePointer<passwd>?
                let result = getpwnam_r(name, &entry, &buffer, buffer.count, &found)
                return (result, found == nil ? nil : entry.pw_uid)
            }
        },
        group: { name in
            lookUp { (buffer: inout [CChar]) in
                var entry = Glibc.group()
                var found: UnsafeMutablePointer<Glibc.group>?
                let result = getgrnam_r(name, &entry, &buffer, buffer.count, &found)
                return (result, found == nil ? nil : entry.gr_gid)
            }
        })

    /// A group with many members needs a large buffer: it grows to 1 MiB while the call asks for more.
    private static func lookUp(_ call: (inout [CChar]) -> (Int32, UInt32?)) -> UInt32? {
        var buffer = [CChar](repeating: 0, count: 4096)
        while buffer.count <= 1 << 20 {
            let (result, id) = call(&buffer)
            guard result == ERANGE || result == EINTR else { return id }
            if result == ERANGE { buffer = [CChar](repeating: 0, count: buffer.count * 2) }
        }
        return nil
    }
}

extension FieldReader {
    /// A user's or group's number, from its name or number.
    ///
    /// - Parameter kind: `user` or `group`.
    mutating func account(_ field: Field, kind: String, lookUp: (String) -> UInt32?) -> UInt32? {
        guard let name = text(field, example: kind == "user" ? "kiosk" : "sessiond-clients") else { return nil }
        if name.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            // The largest number means "nobody in particular" to chown(2).
            if let number = UInt32(name), number < .max { return number }
            report(field, "out of range", remedy: "write a \(kind)'s name, or its number below 4294967295")
            return nil
        }
        if let number = lookUp(name) { return number }
        let command = kind == "user" ? "useradd --system" : "groupadd --system"
        report(
            field, "there is no \(kind) \"\(name.prefix(64))\" on this machine",
            remedy: "correct the name, or make the \(kind): \(command) NAME")
        return nil
    }
}
