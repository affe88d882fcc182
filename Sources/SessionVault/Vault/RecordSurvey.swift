import Glibc

/// Which key each file in a state directory is sealed under, from its readable header: without a key, without a lock,
/// and without changing anything. A daemon may be at work meanwhile.
package struct RecordSurvey: Sendable, Hashable {
    package struct Entry: Sendable, Hashable {
        /// Its name in `profiles`.
        package let file: String
        package let isSetAside: Bool
        package let contents: Contents
    }

    package enum Contents: Sendable, Hashable {
        case sealed(profile: String, provider: String, generation: UInt64, key: String)
        /// It may need any key.
        case unreadable(why: String)
    }

    /// In the order of their names.
    package let entries: [Entry]
    /// The key that the daemon seals with, or the last that ran here; nil where none has said.
    package let sealsUnder: String?

    /// Of a directory in which there is nothing.
    package static let empty = RecordSurvey(entries: [], sealsUnder: nil)

    /// Nil where there is no such directory.
    package static func of(stateDirectory path: String) throws(FileFault) -> RecordSurvey? {
        let files = LinuxFiles()
        do {
            let state = try files.openFolder(path: path)
            let sealsUnder = try announcement(in: state, files)
            do {
                let folder = try files.openFolder(RecordFolder.name, in: state)
                let names = try files.names(in: folder).compactMap { RecordFile($0) }.sorted { $0.name < $1.name }
                return RecordSurvey(entries: names.compactMap { entry($0, in: folder, files) }, sealsUnder: sealsUnder)
            } catch  where error.code == ENOENT {
                return RecordSurvey(entries: [], sealsUnder: sealsUnder)
            }
        } catch {
            let fault = FileFault.failure(error)
            if fault.isAbsence { return nil }
            throw fault
        }
    }

    /// The keys that some file may need; nil where that may be any, as a file does not tell.
    package var neededKeys: Set<String>? {
        var keys: Set<String> = []
        for entry in entries {
            guard case .sealed(_, _, _, let key) = entry.contents else { return nil }
            keys.insert(key)
        }
        return keys
    }

    /// Nil for a file that has gone since the folder was listed.
    private static func entry(
        _ file: RecordFile, in folder: borrowing FileDescriptor, _ files: LinuxFiles
    ) -> Entry? {
        let contents: Contents
        do throws(FileFault) {
            let bytes = try CheckedFile.read(file.name, in: folder, rules: rules, using: files).bytes
            contents = Self.contents(bytes)
        } catch {
            if error.isAbsence { return nil }
            contents = .unreadable(why: error.description)
        }
        if case .setAside = file { return Entry(file: file.name, isSetAside: true, contents: contents) }
        return Entry(file: file.name, isSetAside: false, contents: contents)
    }

    private static func contents(_ bytes: [UInt8]) -> Contents {
        do throws(EnvelopeError) {
            let header = try EnvelopeHeader.parse(bytes).header
            return .sealed(
                profile: header.profile.text, provider: header.provider.text, generation: header.generation,
                key: header.keyID.description)
        } catch {
            if case .newerVersion(let version) = error {
                return .unreadable(why: "has version \(version), of a later sessiond")
            }
            return .unreadable(why: "is damaged")
        }
    }

    private static func announcement(
        in state: borrowing FileDescriptor, _ files: LinuxFiles
    ) throws(FileFailure) -> String? {
        let read: CheckedFile
        do {
            read = try CheckedFile.read(StateDirectory.lockName, in: state, rules: rules, using: files)
        } catch {
            if error.isAbsence { return nil }
            guard case .failure(let failure) = error else { return nil }
            throw failure
        }
        let text = String(decoding: read.bytes, as: UTF8.self)
        return KeyID(text.dropFirst(4).dropLast()).map(\.description).flatMap {
            StateDirectory.announcement(of: $0) == text ? $0 : nil
        }
    }

    /// The administrator may look at the state of whichever user the daemon has.
    private static var rules: FileRules {
        var rules = FileRules(limit: EnvelopeHeader.fileLimit)
        rules.mayBelongToAnybody = true
        rules.forbiddenMode = 0
        return rules
    }
}
