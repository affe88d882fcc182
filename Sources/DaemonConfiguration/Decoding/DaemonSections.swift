import DaemonProcess
import Logging
import SessionProtocol

extension FieldReader {
    /// The longest path of a Unix socket: sun_path without its final zero (unix(7)).
    static let maximumSocketPathBytes = 107

    mutating func socket(_ field: Field, accounts: AccountDirectory) -> SocketConfiguration {
        var socket = SocketConfiguration()
        guard let section = section(field, keys: ConfigurationSection.socket.names) else { return socket }
        if let field = section["path"], let path = path(field, example: "/run/sessiond/sessiond.sock") {
            if path.utf8.count > Self.maximumSocketPathBytes {
                report(
                    field, "longer than \(Self.maximumSocketPathBytes) bytes", remedy: "choose a shorter path")
            }
            socket.path = path
        }
        if let field = section["group"] {
            socket.groupID = account(field, kind: "group", lookUp: accounts.group)
        }
        if let field = section["mode"], let mode = mode(field) { socket.mode = mode }
        return socket
    }

    /// Permission bits, octal as chmod(1) takes them.
    private mutating func mode(_ field: Field) -> UInt32? {
        guard let text = text(field, example: "\"0660\"") else { return nil }
        guard (3...4).contains(text.utf8.count), let mode = UInt32(text, radix: 8), mode <= 0o777 else {
            report(field, "not permission bits", remedy: "write three octal digits with a zero in front, like \"0660\"")
            return nil
        }
        guard mode & 0o600 == 0o600 else {
            report(field, "would keep the daemon's own user out", remedy: "begin with 06 or 07, like \"0660\"")
            return nil
        }
        return mode
    }

    mutating func limits(_ field: Field) -> Limits {
        var limits = Limits()
        guard let section = section(field, keys: ConfigurationSection.limits.names) else { return limits }
        if let field = section["maxSubscriptions"], let value = integer(field, in: 1...1024) {
            limits.maxSubscriptions = value
        }
        if let field = section["maxConnectionsPerUser"], let value = integer(field, in: 1...65_536) {
            limits.maxConnectionsPerUser = value
        }
        if let field = section["maxConnections"], let value = integer(field, in: 1...65_536) {
            limits.maxConnections = value
        }
        return limits
    }

    mutating func log(_ field: Field) -> LogConfiguration {
        var log = LogConfiguration()
        guard let section = section(field, keys: ConfigurationSection.log.names) else { return log }
        if let field = section["level"], let level = word(field, of: Logger.Level.self) { log.level = level }
        if let field = section["format"], let format = word(field, of: LogFormat.self) { log.format = format }
        return log
    }
}
