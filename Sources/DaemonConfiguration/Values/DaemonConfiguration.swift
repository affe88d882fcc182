package import DaemonProcess
package import Logging
package import SessionProtocol

/// What an administrator has decided, checked and with every default filled in (docs/configuration.md).
package struct DaemonConfiguration: Sendable, Hashable {
    /// Names one of `profiles`.
    package var defaultProfile = "default"
    package var socket = SocketConfiguration()
    /// nil: the order of docs/configuration.md, "key".
    package var key: KeyLocation?
    /// Added to the protocol's default permissions.
    package var access: [AccessRule] = []
    package var limits = Limits()
    package var log = LogConfiguration()
    /// At least one, in the order of their names.
    package var profiles: [ProfileConfiguration] = [ProfileConfiguration(name: "default")]

    package init() {}
}

/// Where the daemon listens. Not used under socket activation.
package struct SocketConfiguration: Sendable, Hashable {
    /// Absolute, and short enough for a socket address; nil: the default path.
    package var path: String?
    /// nil: the daemon's own group.
    package var groupID: UInt32?
    /// Permission bits of the socket.
    package var mode: UInt32 = 0o660

    package init() {}
}

/// Where the vault's key is.
package enum KeyLocation: Sendable, Hashable {
    /// A file of that name in the service's credentials directory.
    case credential(String)
    /// An absolute path.
    case file(String)
}

/// Permissions for a user or group on some profiles.
package struct AccessRule: Sendable, Hashable {
    package enum Subject: Sendable, Hashable {
        case user(UInt32)
        case group(UInt32)
    }

    /// The permissions of docs/protocol.md, section 5.
    package enum Permission: String, Sendable, Hashable, CaseIterable {
        case read, token, control, admin
    }

    package var subject: Subject
    /// Names of profiles that exist; nil: all.
    package var profiles: Set<String>?
    package var allow: Set<Permission>
}

package struct LogConfiguration: Sendable, Hashable {
    package var level: Logger.Level = .info
    package var format: LogFormat = .text

    package init() {}
}
