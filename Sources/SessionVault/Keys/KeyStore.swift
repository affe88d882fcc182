import Crypto
import Glibc

/// Reads the key sources, and writes the one file of them that is the daemon's own.
struct KeyStore: Sendable {
    static let fileName = "master.key"

    struct Loaded {
        let ring: KeyRing
        /// Which version of its file the current key was read from.
        let identity: FileIdentity?
        let created: KeyID?
        /// What kept a source below the current one from being read. Its keys are missed only by what they sealed.
        let setback: KeyProblem?
    }

    let sources: KeySources
    let directory: StateDirectory
    let records: RecordFolder
    let files: any FileOperations

    /// Every key at hand. Creates one only where there is definitely neither a key nor anything sealed.
    func load() throws(KeyProblem) -> Loaded {
        var entries: [KeyRing.Entry] = []
        var identity: FileIdentity?
        var setback: KeyProblem?
        // No service manager has handed anything in, so there is not even a place to look.
        if sources.credentialIsRequired, sources.credential == nil { throw KeyProblem(.credential, .absent) }
        for place in [KeyPlace.credential, .file, .stateDirectory] where location(of: place) != nil {
            do {
                guard let found = try read(place) else { continue }
                if entries.isEmpty { identity = found.identity }
                entries += found.keys.map { KeyRing.Entry(key: $0, place: place) }
            } catch  where place == .stateDirectory && !entries.isEmpty {
                setback = error
            }
        }
        if let ring = KeyRing(entries) {
            return Loaded(ring: ring, identity: identity, created: nil, setback: setback)
        }
        return try create()
    }

    /// The version of the file that holds a key now. Nil for a credential, which is the service manager's to keep.
    func identity(of place: KeyPlace) throws(FileFault) -> FileIdentity? {
        guard place != .credential, let location = location(of: place) else { return nil }
        do {
            let folder = try folder(of: location)
            let file = try files.open(location.name, in: folder)
            return try files.status(of: file).identity
        } catch {
            throw .failure(error)
        }
    }

    /// Writes a key file that has gone, from memory. Whoever has put one there in the meantime wins.
    func putBack(_ keys: [VaultKey]) throws(KeyProblem) {
        _ = try create(keys)
    }

    /// Replaces the file of keys. False where it is not the daemon's to replace, or is no longer the version that is
    /// `known`: `sessionctl key` may have put a new key there.
    func replace(_ place: KeyPlace, known: FileIdentity?, with keys: [VaultKey]) throws(FileFault) -> Bool {
        guard place != .credential, let location = location(of: place) else { return false }
        var bytes = KeyFileFormat.encode(keys)
        defer { wipe(&bytes) }
        do {
            // Only a private file of the daemon's own user keeps its readers when it is replaced.
            let rules = FileRules(limit: KeyFileFormat.fileLimit)
            guard let held = try HeldFile.take(location.name, in: opened(location), rules: rules, using: files) else {
                return false
            }
            guard held.status.identity == known else { return false }
            try held.replace(with: bytes)
            return true
        } catch {
            if case .refused = error { return false }
            if error.isForbidden || error.isAbsence { return false }
            throw error
        }
    }

    /// Removes what a crash during a replacement left beside the key files.
    func sweep() throws(FileFault) -> Int {
        var count = 0
        for place in [KeyPlace.stateDirectory, .file] {
            guard let location = location(of: place) else { continue }
            let folder = try opened(location)
            let prefix = TemporaryName.prefix(for: location.name)
            do throws(FileFailure) {
                for name in try files.names(in: folder) where name.hasPrefix(prefix) && TemporaryName.isOurs(name) {
                    try files.unlink(name, in: folder)
                    count += 1
                }
            } catch {
                throw .failure(error)
            }
        }
        return count
    }

    private struct Location {
        /// Nil for the state directory itself.
        var path: String?
        var name: String
    }

    private func location(of place: KeyPlace) -> Location? {
        let path: String
        switch place {
        case .stateDirectory: return Location(path: nil, name: Self.fileName)
        case .credential:
            guard let credential = sources.credential else { return nil }
            path = credential
        case .file:
            guard let file = sources.file else { return nil }
            path = file
        }
        guard let slash = path.lastIndex(of: "/") else { return Location(path: ".", name: path) }
        return Location(path: String(path[...slash]), name: String(path[path.index(after: slash)...]))
    }

    private func folder(of location: Location) throws(FileFailure) -> FileDescriptor {
        guard let path = location.path else { return try files.openFolder(".", in: directory.folder) }
        return try files.openFolder(path: path)
    }

    private func read(_ place: KeyPlace) throws(KeyProblem) -> (keys: [VaultKey], identity: FileIdentity)? {
        guard let location = location(of: place) else { return nil }
        var file: CheckedFile
        do throws(FileFault) {
            file = try contents(of: location, place: place)
        } catch {
            if error.isAbsence, !sources.isRequired(place) { return nil }
            throw KeyProblem(place, error.isAbsence ? .absent : .fault(error))
        }
        defer { wipe(&file.bytes) }
        do {
            return (try KeyFileFormat.parse(file.bytes), file.status.identity)
        } catch {
            throw KeyProblem(place, .malformed(error))
        }
    }

    private func contents(of location: Location, place: KeyPlace) throws(FileFault) -> CheckedFile {
        let folder = try opened(location)
        let isOwn = place == .stateDirectory
        let file = try CheckedFile.read(
            location.name, in: folder, rules: FileRules(for: place), syncing: isOwn, using: files)
        // A key that another daemon, or a crashed one, has just put there must not be younger than what it seals.
        if isOwn {
            do { try files.sync(folder) } catch { throw .failure(error) }
        } else if place == .file {
            try syncConfigured(location, in: folder)
        }
        return file
    }

    /// The same, for what an administrator's tool may have put there in this moment. A file system that only reads has
    /// nothing to make durable, and says so.
    private func syncConfigured(_ location: Location, in folder: borrowing FileDescriptor) throws(FileFault) {
        do throws(FileFailure) {
            try files.sync(try files.open(location.name, in: folder))
            try files.sync(folder)
        } catch {
            if !failure(error, isOneOf: [EINVAL, EROFS]) { throw .failure(error) }
        }
    }

    private func opened(_ location: Location) throws(FileFault) -> FileDescriptor {
        do { return try folder(of: location) } catch { throw .failure(error) }
    }

    private func create() throws(KeyProblem) -> Loaded {
        let anythingIsSealed: Bool
        do {
            anythingIsSealed = try records.hasAnythingSealed()
        } catch {
            throw KeyProblem(.stateDirectory, .unknownState(error))
        }
        guard !anythingIsSealed else { throw KeyProblem(.stateDirectory, .lost) }
        let key = VaultKey(SymmetricKey(size: .bits256))
        let isOurs = try create([key])
        // Read it back: what counts is what the disk holds, ours or that of a daemon that was faster.
        guard let found = try read(.stateDirectory),
            let ring = KeyRing(found.keys.map { KeyRing.Entry(key: $0, place: .stateDirectory) })
        else { throw KeyProblem(.stateDirectory, .absent) }
        return Loaded(ring: ring, identity: found.identity, created: isOurs ? key.id : nil, setback: nil)
    }

    /// False where there was a file already.
    private func create(_ keys: [VaultKey]) throws(KeyProblem) -> Bool {
        var bytes = KeyFileFormat.encode(keys)
        defer { wipe(&bytes) }
        do {
            return try AtomicFile(name: Self.fileName, files: files).create(with: bytes, in: directory.folder)
        } catch {
            throw KeyProblem(.stateDirectory, .notCreated(error.fault))
        }
    }
}

extension FileRules {
    /// Root may hand the daemon a key, and a group of its own to read it by. A credential's group bits are the mask
    /// of its access list, which says nothing about a group.
    init(for place: KeyPlace) {
        self.init(limit: KeyFileFormat.fileLimit)
        switch place {
        case .credential:
            mayBelongToRoot = true
            forbiddenMode = 0o027
        case .file:
            mayBelongToRoot = true
            forgivenFromRoot = 0o040
        case .stateDirectory: break
        }
    }
}
