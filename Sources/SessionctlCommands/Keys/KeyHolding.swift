import SessionProtocol
import SessionVault

/// One place with keys.
struct KeyHolding: Sendable {
    enum Place: String, Sendable {
        case credential, file, stateDirectory
    }

    let place: Place
    let path: String
    /// What it holds, or why that cannot be told.
    let contents: Result<KeyFileContents, CommandFailure>

    var ids: [String] { (try? contents.get())?.ids ?? [] }
}

extension KeyPlaces {
    /// Every place that has something, in the daemon's order: the first one's first key is current.
    func holdings(_ programs: any ProgramRunning) -> [KeyHolding] {
        var found: [KeyHolding] = []
        if let path = credentialPath {
            let isRequired = if case .credential = configured { true } else { false }
            found += holding(.credential, path, isRequired: isRequired) { sealed throws(CommandFailure) in
                try SealedCredential(name: credentialName, programs: programs).open(sealed)
            }
        }
        if case .file(let path) = configured { found += holding(.file, path, isRequired: true) { $0 } }
        return found + holding(.stateDirectory, masterKey, isRequired: false) { $0 }
    }

    var credentialPath: String? { credstore.map { "\($0)/\(credentialName)" } }

    private func holding(
        _ place: KeyHolding.Place, _ path: String, isRequired: Bool,
        opened: ([UInt8]) throws(CommandFailure) -> [UInt8]
    ) -> [KeyHolding] {
        let contents = Result { () throws(CommandFailure) -> KeyFileContents? in
            guard
                let bytes = try KeyFileFailure.wrapping(
                    path, { () throws(FileFault) in try AdministeredFile(path).read() })
            else { return nil }
            return try KeyFileFailure.contents(opened(bytes), of: path)
        }
        switch contents {
        case .success(let contents?):
            return [KeyHolding(place: place, path: path, contents: .success(contents))]
        case .success(nil):
            if !isRequired { return [] }
            let failure = CommandFailure(
                kind: "keyUnavailable", message: "\(path): the configuration names it, and it is not there",
                remedy: "put it back, or make a key with `sessionctl key create`")
            return [KeyHolding(place: place, path: path, contents: .failure(failure))]
        case .failure(let failure):
            return [KeyHolding(place: place, path: path, contents: .failure(failure))]
        }
    }
}

/// Failures of key files and folders in the words of the tool.
enum KeyFileFailure {
    static func wrapping<Answer: ~Copyable>(
        _ path: String, _ body: () throws(FileFault) -> Answer
    ) throws(CommandFailure) -> Answer {
        do { return try body() } catch { throw failure(path, error) }
    }

    static func contents(_ bytes: [UInt8], of path: String) throws(CommandFailure) -> KeyFileContents {
        do {
            return try KeyFileContents(bytes)
        } catch {
            throw CommandFailure(
                kind: "keyUnavailable", message: "\(path) \(error)", remedy: "put the right file back in its place")
        }
    }

    static func failure(_ path: String, _ fault: FileFault) -> CommandFailure {
        if fault.isForbidden {
            return CommandFailure(
                kind: "permissionDenied", message: "\(path): \(fault)", remedy: "run it as root or as the daemon's user"
            )
        }
        return CommandFailure(kind: "storeFailed", message: "\(path): \(fault)", remedy: "mend it and try again")
    }

    static func busy(_ path: String) -> CommandFailure {
        CommandFailure(
            kind: "busy", message: "\(path) is being replaced by somebody else at this moment", remedy: "try again")
    }
}
