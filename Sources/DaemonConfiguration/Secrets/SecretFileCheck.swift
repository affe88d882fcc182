/// Looks at the files that secrets are in, so that a wrong path is told before the secret is needed.
///
/// Only warnings come of it: whoever checks may not be who runs the daemon, and the file is read anew when it is needed.
struct SecretFileCheck: Sendable {
    /// What to say of the file at an absolute path; nil: nothing.
    let concern: @Sendable (String) -> (message: String, remedy: String)?

    /// This machine's files.
    static let system = SecretFileCheck { path in
        do {
            guard try SecretFile.read(path).isReadableByOthers else { return nil }
            return ("other users may read the secret's file", "chmod o-r it")
        } catch {
            return ("the secret cannot be had: \(error)", "put it there as one line that the daemon's user can read")
        }
    }

    /// Says nothing of any file.
    static let none = SecretFileCheck { _ in nil }
}
