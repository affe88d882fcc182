import DaemonConfiguration
import Glibc
import SessionProtocol

/// Prints for `sessionctl key`, which reads no configuration of its own, where the key and the records are: one line
/// of JSON with `stateDirectory`, and with `key` where the configuration has one. Returns the exit status; where it is
/// not 0 the problems are on standard error.
func tellKeyPlace(_ paths: DaemonPaths, _ loaded: LoadedConfiguration) -> Int32 {
    guard let configuration = loaded.configuration else {
        print(loaded.report, to: STDERR_FILENO)
        return loaded.exitStatus
    }
    do {
        var members: [String: JSONValue] = ["stateDirectory": .string(try paths.stateDirectory())]
        switch configuration.key {
        case .credential(let name): members["key"] = ["credential": .string(name)]
        case .file(let path): members["key"] = ["file": .string(path)]
        case nil: break
        }
        print(String(decoding: JSONValue.object(members).encoded, as: UTF8.self) + "\n", to: STDOUT_FILENO)
        return 0
    } catch {
        print("sessiond: \(error)\n", to: STDERR_FILENO)
        return error.exitStatus
    }
}
