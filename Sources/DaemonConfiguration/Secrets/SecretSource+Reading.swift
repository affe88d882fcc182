package import SessionCore
import Synchronization

extension SecretSource {
    /// The secret as it is now. Blocks on the disk.
    ///
    /// - Parameter credentials: the folder of the service's credentials (systemd.exec(5), `$CREDENTIALS_DIRECTORY`).
    package func read(credentials: String?) throws(SecretFault) -> Secret {
        switch self {
        case .credential(let name):
            guard let credentials else { throw .noCredentials }
            return try SecretFile.read("\(credentials)/\(name)").secret
        case .file(let path): return try SecretFile.read(path).secret
        case .literal(let secret): return secret
        }
    }

    /// Reads the secret anew at every call, so that a file that was missing or was replaced needs no restart; nil while
    /// it cannot be had.
    ///
    /// - Parameter onChange: told why the secret cannot be had, once and again when the reason is another, and nil when
    ///   it can be had again. Called by whoever asks for the secret.
    package func reader(
        credentials: String?, onChange: @escaping @Sendable (SecretFault?) -> Void
    ) -> @Sendable () -> Secret? {
        let memory = FaultMemory()
        return {
            do throws(SecretFault) {
                let secret = try read(credentials: credentials)
                if memory.isNew(nil) { onChange(nil) }
                return secret
            } catch {
                if memory.isNew(error) { onChange(error) }
                return nil
            }
        }
    }
}

/// What was told last.
private final class FaultMemory: Sendable {
    private let last = Mutex<SecretFault?>(nil)

    func isNew(_ fault: SecretFault?) -> Bool {
        last.withLock { last in
            defer { last = fault }
            return last != fault
        }
    }
}
