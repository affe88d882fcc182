/// A file that is locked for its replacement, so that the daemon and `sessionctl key` do not undo each other's.
///
/// The lock is on the file itself, which others cannot open, and ends with the value.
package struct HeldFile: ~Copyable {
    /// Whoever takes the bytes wipes them, where they are secret.
    package let bytes: [UInt8]
    let status: FileStatus
    private let name: String
    private let folder: FileDescriptor
    private let lock: FileDescriptor
    private let files: any FileOperations
    /// Each attempt fails only where a replacement came in between.
    private static let attempts = 8

    /// Nil where somebody else replaces it at this moment.
    static func take(
        _ name: String, in folder: consuming FileDescriptor, rules: FileRules, using files: any FileOperations
    ) throws(FileFault) -> HeldFile? {
        for _ in 0..<attempts {
            let file = try CheckedFile.open(name, in: folder, using: files)
            let isOurs: Bool
            do {
                isOurs = try files.lock(file)
            } catch {
                throw .failure(error)
            }
            guard isOurs else { return nil }
            let read = try CheckedFile.read(file, rules: rules, using: files)
            // The one who held it before may have put another in its place.
            let present = try CheckedFile.open(name, in: folder, using: files)
            let identity: FileIdentity
            do {
                identity = try files.status(of: present).identity
            } catch {
                throw .failure(error)
            }
            guard identity == read.status.identity else { continue }
            return HeldFile(
                bytes: read.bytes, status: read.status, name: name, folder: folder, lock: file, files: files)
        }
        return nil
    }

    /// Puts other bytes in its place, with the same owner, group and mode. They survive a power cut when this returns;
    /// when it throws, the file is whole, as it was or as it was to be.
    package consuming func replace(with bytes: [UInt8]) throws(FileFault) {
        do {
            try AtomicFile(name: name, files: files, model: status).replace(with: bytes, in: folder)
        } catch {
            throw error.fault
        }
    }

    /// Removes what a crash has left beside it.
    package borrowing func sweep() throws(FileFault) {
        let prefix = TemporaryName.prefix(for: name)
        do throws(FileFailure) {
            for other in try files.names(in: folder) where other.hasPrefix(prefix) && TemporaryName.isOurs(other) {
                try files.unlink(other, in: folder)
            }
        } catch {
            throw .failure(error)
        }
    }
}
