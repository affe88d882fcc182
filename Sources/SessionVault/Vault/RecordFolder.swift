import Glibc

/// What a name in the folder of records stands for.
enum RecordFile: Hashable {
    /// `NAME.sealed`
    case record(VaultName)
    /// `NAME.sealed.corrupt-N`
    case setAside(String)

    static let suffix = ".sealed"
    static let corrupt = ".corrupt-"

    init?(_ name: String) {
        if name.hasSuffix(Self.suffix), let profile = VaultName(String(name.dropLast(Self.suffix.count))) {
            self = .record(profile)
        } else if !name.hasPrefix("."), name.contains(Self.suffix + Self.corrupt) {
            self = .setAside(name)
        } else {
            return nil
        }
    }

    var name: String {
        switch self {
        case .record(let profile): profile.text + Self.suffix
        case .setAside(let name): name
        }
    }
}

/// The folder `profiles` of the state directory: one sealed file a profile.
struct RecordFolder: Sendable {
    static let name = "profiles"
    /// Past this many copies of one profile something is wrong that one more copy does not help.
    static let setAsideLimit = 1000

    let directory: StateDirectory
    let files: any FileOperations

    /// The file of a profile, nil where there is none.
    func read(_ file: RecordFile) throws(FileFault) -> [UInt8]? {
        guard let folder = try open() else { return nil }
        // The seal protects the contents, so that a mode that is too open is no reason to withhold a session.
        let rules = FileRules(forbiddenMode: 0, limit: EnvelopeHeader.fileLimit)
        do {
            return try CheckedFile.read(file.name, in: folder, rules: rules, using: files).bytes
        } catch  where error.isAbsence {
            return nil
        }
    }

    func replace(_ profile: VaultName, with bytes: [UInt8]) throws(ReplacementFailure) {
        let folder = try openOrCreate()
        try atomic(profile).replace(with: bytes, in: folder)
    }

    func remove(_ profile: VaultName) throws(ReplacementFailure) {
        let found: FileDescriptor?
        do {
            found = try open()
        } catch {
            throw ReplacementFailure(fault: error, isInDoubt: false)
        }
        guard let folder = found else { return }
        try atomic(profile).remove(in: folder)
    }

    /// Gives a record another name, under which nothing looks for it, and never takes the name of another.
    func setAside(_ profile: VaultName) throws(FileFault) -> String {
        guard let folder = try open() else { throw .failure(FileFailure(.openFolder, code: ENOENT)) }
        let name = RecordFile.record(profile).name
        for number in 1...Self.setAsideLimit {
            let other = name + RecordFile.corrupt + String(number)
            do {
                try files.renameNoReplace(name, to: other, in: folder)
            } catch {
                if error.code == EEXIST { continue }
                throw .failure(error)
            }
            // Should this rename be lost in a power cut, the record is back under its name and is set aside again.
            _ = Result { () throws(FileFailure) in try files.sync(folder) }
            return other
        }
        throw .failure(FileFailure(.renameNoReplace, code: EEXIST))
    }

    /// Records and what was set aside, in the order of their names.
    func list() throws(FileFault) -> [RecordFile] {
        try names().sorted().compactMap { RecordFile($0) }
    }

    /// Whether anything here may need a key, however its name is mangled.
    func hasAnythingSealed() throws(FileFault) -> Bool {
        try names().contains { $0.contains(RecordFile.suffix) && !TemporaryName.isOurs($0) }
    }

    /// Removes what a crash left half-written or half-removed.
    func sweep() throws(FileFault) -> Int {
        guard let folder = try open() else { return 0 }
        do throws(FileFailure) {
            let leftovers = try files.names(in: folder).filter { TemporaryName.isOurs($0) }
            for name in leftovers { try files.unlink(name, in: folder) }
            return leftovers.count
        } catch {
            throw .failure(error)
        }
    }

    private func atomic(_ profile: VaultName) -> AtomicFile {
        AtomicFile(name: RecordFile.record(profile).name, files: files)
    }

    private func names() throws(FileFault) -> [String] {
        guard let folder = try open() else { return [] }
        do { return try files.names(in: folder) } catch { throw .failure(error) }
    }

    /// Nil where there is definitely none.
    private func open() throws(FileFault) -> FileDescriptor? {
        guard let folder = try openUnchecked() else { return nil }
        let refusal: FileRefusal?
        do {
            refusal = try FolderRules.apply(to: folder, using: files)
        } catch {
            throw .failure(error)
        }
        if let refusal { throw .refused(refusal) }
        return folder
    }

    private func openUnchecked() throws(FileFault) -> FileDescriptor? {
        do {
            return try files.openFolder(Self.name, in: directory.folder)
        } catch {
            switch error.code {
            case ENOENT: return nil
            // With O_DIRECTORY the kernel says ENOTDIR of a link, too.
            case ELOOP, ENOTDIR: throw .refused(.notFolder)
            default: throw .failure(error)
            }
        }
    }

    private func openOrCreate() throws(ReplacementFailure) -> FileDescriptor {
        do throws(FileFault) {
            if let folder = try open() { return folder }
            try make()
            if let folder = try open() { return folder }
            throw .failure(FileFailure(.openFolder, code: ENOENT))
        } catch {
            throw ReplacementFailure(fault: error, isInDoubt: false)
        }
    }

    private func make() throws(FileFault) {
        do {
            try files.makeFolder(Self.name, in: directory.folder)
            try files.sync(directory.folder)
        } catch {
            throw .failure(error)
        }
    }
}
