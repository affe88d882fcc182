/// A file of keys, by its path, as `sessionctl key` reads, makes and replaces it, whoever runs the daemon and whether
/// or not it runs. What the daemon thinks of its owner and mode is not judged here.
package struct AdministeredFile: Sendable {
    package let path: String
    private let files: any FileOperations
    /// Bytes; a credential is larger than the key file in it.
    private static let limit = 262_144

    package init(_ path: String) {
        self.init(path, files: LinuxFiles())
    }

    init(_ path: String, files: any FileOperations) {
        self.path = path
        self.files = files
    }

    /// Nil where there is none.
    package func read() throws(FileFault) -> [UInt8]? {
        do {
            return try CheckedFile.read(name, in: folder(), rules: rules, using: files).bytes
        } catch  where error.isAbsence {
            return nil
        }
    }

    /// Locks it for a replacement; nil where somebody else replaces it at this moment.
    package func hold() throws(FileFault) -> HeldFile? {
        try HeldFile.take(name, in: folder(), rules: rules, using: files)
    }

    /// Creates it with mode 0600; false where the name is taken. It belongs to the folder's owner where that is asked
    /// for, else to this process's user.
    package func create(_ bytes: [UInt8], forFolderOwner: Bool = false) throws(FileFault) -> Bool {
        let folder = try folder()
        var file = AtomicFile(name: name, files: files)
        do throws(FileFailure) {
            if forFolderOwner {
                var model = try files.status(of: folder)
                model.mode = 0o600
                file.model = model
            }
        } catch {
            throw .failure(error)
        }
        do {
            return try file.create(with: bytes, in: folder)
        } catch {
            throw error.fault
        }
    }

    private var rules: FileRules {
        var rules = FileRules(limit: Self.limit)
        rules.mayBelongToAnybody = true
        rules.forbiddenMode = 0
        return rules
    }

    private var name: String { path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path }

    private func folder() throws(FileFault) -> FileDescriptor {
        do {
            return try files.openFolder(path: path.lastIndex(of: "/").map { String(path[...$0]) } ?? ".")
        } catch {
            throw .failure(error)
        }
    }
}
