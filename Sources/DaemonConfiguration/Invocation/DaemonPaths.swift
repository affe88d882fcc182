/// Where the daemon's files are, for whoever runs it and however it was started.
package struct DaemonPaths: Sendable, Hashable {
    /// nil where there is neither an argument nor a place to look.
    package var configurationFile: String?
    /// Whether it is an error for `configurationFile` not to exist: somebody named it.
    package var isConfigurationRequired = false
    /// Given in the arguments: goes before the configuration's.
    package var givenSocketPath: String?
    private var defaultSocketPath: String?
    private var resolvedStateDirectory: String?

    /// Without access to the machine: the arguments, then what systemd sets (systemd.exec(5)), then for root the
    /// system's folders and for everybody else the user's (XDG base directories). Relative paths in the environment
    /// are ignored, as that specification demands.
    package static func resolve(
        arguments: DaemonArguments, environment: [String: String], uid: UInt32
    ) -> DaemonPaths {
        func folder(_ name: String) -> String? {
            guard var path = environment[name], path.hasPrefix("/") else { return nil }
            while path.count > 1, path.hasSuffix("/") { path.removeLast() }
            return path
        }
        // systemd joins several folders with colons.
        func first(_ name: String) -> String? {
            environment[name].flatMap { $0.split(separator: ":").first }.map(String.init)
                .flatMap { $0.hasPrefix("/") ? $0 : nil }
        }
        func inHome(_ path: String) -> String? { folder("HOME").map { $0 == "/" ? "/\(path)" : "\($0)/\(path)" } }

        var paths = DaemonPaths()
        paths.isConfigurationRequired = arguments.configurationFile != nil
        paths.givenSocketPath = arguments.socketPath
        let isRoot = uid == 0
        let configurationFolder =
            first("CONFIGURATION_DIRECTORY")
            ?? (isRoot ? "/etc/sessiond" : (folder("XDG_CONFIG_HOME") ?? inHome(".config")).map { $0 + "/sessiond" })
        paths.configurationFile = arguments.configurationFile ?? configurationFolder.map { $0 + "/sessiond.yaml" }
        paths.resolvedStateDirectory =
            arguments.stateDirectory ?? first("STATE_DIRECTORY")
            ?? (isRoot
                ? "/var/lib/sessiond"
                : (folder("XDG_STATE_HOME") ?? inHome(".local/state")).map { $0 + "/sessiond" })
        paths.defaultSocketPath =
            (isRoot ? "/run" : folder("XDG_RUNTIME_DIR")).map { $0 + "/sessiond/sessiond.sock" }
        return paths
    }

    /// Where sessions are kept.
    package func stateDirectory() throws(PathError) -> String {
        guard let resolvedStateDirectory else {
            throw PathError(
                message: "there is no place to keep sessions in", remedy: "give --state-dir, or set HOME")
        }
        return resolvedStateDirectory
    }

    /// Where to listen, unless the service manager has handed in a socket.
    ///
    /// - Parameter configured: `socket.path` of the configuration.
    package func socketPath(configured: String?) throws(PathError) -> String {
        guard let path = givenSocketPath ?? configured ?? defaultSocketPath else {
            throw PathError(
                message: "there is no place for the socket",
                remedy: "give --socket, set socket.path, or set XDG_RUNTIME_DIR")
        }
        guard path.utf8.count <= FieldReader.maximumSocketPathBytes else {
            throw PathError(
                message: "the socket's path is longer than \(FieldReader.maximumSocketPathBytes) bytes",
                remedy: "give a shorter one with --socket or socket.path")
        }
        return path
    }
}

/// A path that is needed cannot be told. Exit with `exitStatus`.
package struct PathError: Error, Sendable, Hashable, CustomStringConvertible {
    package let message: String
    package let remedy: String
    package var exitStatus: Int32 { DaemonExitStatus.configuration.rawValue }

    package var description: String { "\(message) — \(remedy)" }
}
