import DaemonConfiguration
import DaemonProcess
import Glibc
import Logging
import SessionCore
import SessionProtocol
import SessionServer
import Systemd

/// What the process was started with and does not change while it runs.
struct DaemonSetting: Sendable {
    let arguments: DaemonArguments
    let paths: DaemonPaths
    /// As it was at the start.
    let environment: [String: String]
    let loader: ConfigurationLoader
    let manager: any ServiceManager
    /// Sockets that the service manager has opened for us.
    let inherited: [InheritedSocket]
    /// What the service manager has kept from the last process; read once.
    let kept: [KeptDescriptor]
    let output: LogOutput
    let logger: Logger

    /// Reads the configuration and logs what is wrong with it; nil where it cannot be used.
    func readConfiguration() -> DaemonConfiguration? {
        let loaded = loader.load()
        for problem in loaded.problems {
            logger.event(problem.severity == .error ? .configurationError : .configurationWarning, "\(problem)")
        }
        return loaded.configuration
    }

    /// Where to listen: what the service manager hands in goes before every path.
    func listeners(_ socket: SocketConfiguration) throws(StartError) -> [ServerConfiguration.Listener] {
        if !inherited.isEmpty { return inherited.map { .inherited(descriptor: $0.descriptor) } }
        do {
            let path = try paths.socketPath(configured: socket.path)
            return [.node(SocketPath(path: path, group: socket.groupID, mode: mode_t(socket.mode)))]
        } catch {
            throw StartError(error.message, remedy: error.remedy, status: error.exitStatus)
        }
    }

    /// Within what time the service manager wants to hear that the daemon lives; nil where it does not watch it.
    func watchdogInterval() throws(StartError) -> Duration? {
        do {
            return try manager.watchdogInterval()
        } catch {
            throw StartError(error)
        }
    }

    /// Asks the service manager for more time, until it is ended.
    func patience(while what: String) -> PatienceRequest {
        PatienceRequest { [manager, logger] in
            tell(manager, [.extendTimeout(PatienceRequest.span), .status(what)], logger)
        }
    }

    /// Who may do what. Membership in a group that nobody has named gives nothing: an ordinary user's own group may
    /// be everybody's. On a socket of somebody else, such as the service manager, they have named it.
    /// - Parameter group: that of the node, where the daemon has made it.
    func policy(_ configuration: DaemonConfiguration, group: gid_t?) -> AccessPolicy {
        let group =
            inherited.isEmpty
            ? group
            : inherited.lazy.compactMap { ListeningSocket.owner(of: $0.descriptor) }
                .first { $0.group != getegid() || $0.user != geteuid() || geteuid() == 0 }?.group
        return AccessPolicy(
            daemonUser: geteuid(), socketGroup: group,
            rules: configuration.access.map { rule in
                let subject: AccessPolicy.Rule.Subject =
                    switch rule.subject {
                    case .user(let uid): .user(uid)
                    case .group(let gid): .group(gid)
                    }
                return AccessPolicy.Rule(
                    subject, profiles: rule.profiles,
                    allow: Set(rule.allow.compactMap { Permission(rawValue: $0.rawValue) }))
            })
    }
}
