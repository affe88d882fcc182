import Glibc

/// Why a file was not replaced or removed.
struct ReplacementFailure: Error, Hashable {
    let fault: FileFault
    /// The new state is visible under the name although the folder could not be synced, and could not be taken back.
    let isInDoubt: Bool
}

/// Replaces, creates and removes whole files so that a power cut leaves the old one or the new one.
///
/// The folder's fsync is the moment of truth, and it comes after the rename. So that a failed fsync leaves the old
/// file in place too, a second link keeps it until then.
struct AtomicFile {
    let name: String
    let files: any FileOperations
    /// Whose owner, group and mode a new file gets; else it is the process's own, 0600.
    var model: FileStatus?

    /// When this returns the new bytes survive a power cut; when it throws and is not in doubt, the old file stands.
    func replace(with bytes: [UInt8], in folder: borrowing FileDescriptor) throws(ReplacementFailure) {
        let fresh = TemporaryName.fresh(for: name)
        let undo: Undo
        do {
            try write(bytes, as: fresh, in: folder)
            undo = try keepPrevious(in: folder)
        } catch {
            discard(fresh, in: folder)
            throw ReplacementFailure(fault: .failure(error), isInDoubt: false)
        }
        do {
            try files.rename(fresh, to: name, in: folder)
        } catch {
            discard(fresh, in: folder)
            if case .rename(let previous) = undo { discard(previous, in: folder) }
            throw ReplacementFailure(fault: .failure(error), isInDoubt: false)
        }
        do {
            try files.sync(folder)
        } catch {
            throw ReplacementFailure(fault: .failure(error), isInDoubt: !takeBack(undo, in: folder))
        }
        if case .rename(let previous) = undo { discard(previous, in: folder) }
    }

    /// Creates the file; false where the name is taken, whoever was first.
    func create(with bytes: [UInt8], in folder: borrowing FileDescriptor) throws(ReplacementFailure) -> Bool {
        let fresh = TemporaryName.fresh(for: name)
        do {
            try write(bytes, as: fresh, in: folder)
            try files.renameNoReplace(fresh, to: name, in: folder)
        } catch {
            discard(fresh, in: folder)
            if error.operation == .renameNoReplace, error.code == EEXIST { return false }
            throw ReplacementFailure(fault: .failure(error), isInDoubt: false)
        }
        do {
            try files.sync(folder)
        } catch {
            throw ReplacementFailure(fault: .failure(error), isInDoubt: !takeBack(.unlink, in: folder))
        }
        return true
    }

    /// Removes the file; there being none is success. When this throws and is not in doubt, the file stands.
    func remove(in folder: borrowing FileDescriptor) throws(ReplacementFailure) {
        let doomed = TemporaryName.fresh(for: name)
        var undo = Undo.rename(doomed)
        do {
            try files.rename(name, to: doomed, in: folder)
        } catch  where error.code == ENOENT {
            // An earlier removal may have stopped before its fsync.
            undo = .nothing
        } catch {
            throw ReplacementFailure(fault: .failure(error), isInDoubt: false)
        }
        do {
            try files.sync(folder)
        } catch {
            throw ReplacementFailure(fault: .failure(error), isInDoubt: !takeBack(undo, in: folder))
        }
        if case .rename = undo { discard(doomed, in: folder) }
    }

    private enum Undo {
        case rename(String)
        case unlink
        case nothing
        case impossible
    }

    private func write(
        _ bytes: [UInt8], as fresh: String, in folder: borrowing FileDescriptor
    ) throws(FileFailure) {
        let file = try files.create(fresh, in: folder)
        if let model {
            let status = try files.status(of: file)
            // Empty as yet: nobody reads a secret who may not.
            if status.owner != model.owner || status.group != model.group {
                try files.setOwner(model.owner, group: model.group, of: file)
            }
            if status.mode != model.mode { try files.setMode(model.mode, of: file) }
        }
        var written = 0
        while written < bytes.count {
            // The closure of withUnsafeBytes is not typed to rethrow FileFailure.
            let step = bytes.withUnsafeBytes { all in
                Result { () throws(FileFailure) in
                    try files.write(UnsafeRawBufferPointer(rebasing: all[written...]), to: file)
                }
            }
            written += try step.get()
        }
        try files.sync(file)
    }

    /// A file system without hard links, or a foreign file under fs.protected_hardlinks, cannot keep the old one.
    private func keepPrevious(in folder: borrowing FileDescriptor) throws(FileFailure) -> Undo {
        let previous = TemporaryName.fresh(for: name)
        do {
            try files.link(name, to: previous, in: folder)
            return .rename(previous)
        } catch  where error.code == ENOENT {
            return .unlink
        } catch  where failure(error, isOneOf: [EPERM, EOPNOTSUPP, ENOSYS, EMLINK]) {
            return .impossible
        }
    }

    private func takeBack(_ undo: Undo, in folder: borrowing FileDescriptor) -> Bool {
        do throws(FileFailure) {
            switch undo {
            case .rename(let previous): try files.rename(previous, to: name, in: folder)
            case .unlink: try files.unlink(name, in: folder)
            case .nothing: break
            case .impossible: return false
            }
            return true
        } catch {
            return false
        }
    }

    /// What cannot be discarded now has a temporary name and is swept up at the next start.
    private func discard(_ temporary: String, in folder: borrowing FileDescriptor) {
        _ = Result { () throws(FileFailure) in try files.unlink(temporary, in: folder) }
    }
}
