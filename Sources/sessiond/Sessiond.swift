import DaemonConfiguration
import DaemonProcess
import Glibc
import Logging
import SessionCore
import SessionProtocol
import Systemd

/// The daemon's entry: reads the command line, and runs until it is told to stop.
@main
enum Sessiond {
    static func main() async {
        exit(await run(Array(CommandLine.arguments.dropFirst())))
    }

    private static func run(_ words: [String]) async -> Int32 {
        let arguments: DaemonArguments
        do {
            arguments = try DaemonArguments.parse(words)
        } catch {
            print(error.description, to: STDERR_FILENO)
            // Nobody may read that: a unit's options come from a file.
            _ = try? LibsystemdManager().notify([.status("the command line cannot be used; see the log")])
            return error.exitStatus
        }
        let paths = DaemonPaths.resolve(arguments: arguments, environment: environment(), uid: geteuid())
        let loader = ConfigurationLoader(
            paths: paths, available: [.embedded, .stytch, .stytchB2B, .agnost, .backstack])
        switch arguments.action {
        case .help:
            print(DaemonOption.usage, to: STDOUT_FILENO)
            return 0
        case .version:
            print("sessiond \(ProductVersion.current)\n", to: STDOUT_FILENO)
            return 0
        case .checkConfiguration:
            let loaded = loader.load()
            print(loaded.report, to: STDOUT_FILENO)
            return loaded.exitStatus
        case .keyPlace: return tellKeyPlace(paths, loader.load())
        case .run: return await serve(arguments, paths, loader)
        }
    }

    private static func serve(
        _ arguments: DaemonArguments, _ paths: DaemonPaths, _ loader: ConfigurationLoader
    ) async -> Int32 {
        let hardening = ProcessHardening.apply()
        let manager = LibsystemdManager()
        // Before any thread exists: it changes the environment.
        let inherited = Result { () throws(ServiceManagerError) in try manager.inheritedDescriptors() }
        let signals = Result { () throws(LinuxError) in try SignalListener() }
        let output = LogOutput(journalStream: environment()["JOURNAL_STREAM"]) { send($0, to: LibsystemdJournal()) }
        defer { output.finish(within: .milliseconds(500)) }
        let logger = Logger(label: "sessiond") { LineLogHandler(label: $0, output: output) }
        logger.event(.started, "sessiond starts", metadata: ["version": "\(ProductVersion.current)"])
        do {
            for failure in hardening {
                logger.error("\(failure.step) failed", metadata: ["error": "\(failure.error)"])
                if failure.step != .descriptorLimit {
                    throw StartError(
                        failure.error.description, remedy: "allow it", status: EX.software, errno: failure.error.errno)
                }
            }
            let given = try inherited.mapError(StartError.init).get()
            let process = DaemonLife(manager: manager, logger: logger) { output.finish(within: .milliseconds(500)) }
            let listening = process.obey(try signals.get().signals)
            let daemon = try await Daemon.start(
                DaemonSetting(
                    arguments: arguments, paths: paths, environment: environment(), loader: loader, manager: manager,
                    inherited: given.sockets, kept: given.kept, output: output, logger: logger))
            try await process.begin(daemon)
            await listening.value
            return 0
        } catch {
            let failure = error as? StartError ?? StartError("\(error)", remedy: "see the log", status: EX.software)
            logger.event(
                .startFailed, "\(failure.message)",
                metadata: ["remedy": "\(failure.remedy)", "status": "\(failure.status)"])
            tell(manager, [.status(failure.message)] + (failure.errno.map { [.errno($0)] } ?? []), logger)
            if failure.status == EX.configuration, case .success(let given) = inherited {
                for socket in given.sockets { socket.turnAwayWaiting() }
            }
            return failure.status
        }
    }
}

/// Tells the service manager; that it does not listen is worth a line and nothing more.
func tell(_ manager: any ServiceManager, _ state: [NotifyAssignment], _ logger: Logger) {
    do {
        try manager.notify(state)
    } catch {
        logger.warning("the service manager could not be told", metadata: ["error": "\(error)"])
    }
}

/// Whether the journal takes an entry.
private func send(_ entry: JournalEntry, to journal: any JournalSink) -> Bool {
    do {
        try journal.send(
            entry.fields, file: entry.place.file, function: entry.place.function, line: entry.place.line)
        return true
    } catch {
        // The line goes to standard error in its place.
        return false
    }
}

/// Writes all of it; that nobody reads is no reason to fail.
func print(_ text: String, to descriptor: Int32) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return }
        rest = rest.dropFirst(count)
    }
}

/// The environment as it is now.
private func environment() -> [String: String] {
    var result: [String: String] = [:]
    var next = environ
    while let entry = next.pointee {
        let text = String(cString: entry)
        if let equals = text.firstIndex(of: "=") {
            result[String(text[..<equals])] = String(text[text.index(after: equals)...])
        }
        next += 1
    }
    return result
}
