import ArgumentParser
import SessionProtocol
import SessionVault

struct KeyRotate: LocalVerb {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Makes a new key current; the older ones stay until nothing needs them.",
        discussion: """
            Puts the new key before the older ones, where the current key is, and says how the daemon gets to know it: \
            the daemon then seals every record anew. --finish takes out the keys that nothing needs any more. It may be \
            interrupted at any point and given again.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var options: KeyOptions

    @Flag(help: "Take out the older keys that no record needs, once the daemon has sealed everything anew.")
    var finish = false

    @Option(help: "What a credential is bound to: host, tpm2, host+tpm2 or auto.")
    var withKey: SealingKey?

    func run(in setting: LocalSetting) throws(CommandFailure) -> ExitStatus {
        let places = try KeyPlaces.find(options, in: setting)
        guard let holding = places.holdings(setting.programs).first else {
            throw CommandFailure(
                kind: "keyUnavailable", message: "there is no key to rotate",
                remedy: "the daemon makes one at its first start; or `sessionctl key create`")
        }
        if let failure = holding.failure { throw failure }
        if withKey != nil, holding.place != .credential {
            throw .usage("--with-key is for credentials, and the current key is in \(holding.path)")
        }
        let codec = Codec(holding, places, setting, withKey)
        return finish ? try drop(codec, places, setting) : try rotate(codec, setting)
    }

    private func rotate(_ codec: Codec, _ setting: LocalSetting) throws(CommandFailure) -> ExitStatus {
        let held = try codec.hold()
        let before = try codec.contents(held.bytes)
        let after: KeyFileContents
        do {
            after = try before.rotated()
        } catch {
            throw CommandFailure(
                kind: "conflict", message: "\(codec.path) \(error)",
                remedy: "`sessionctl key rotate --finish` takes out those that nothing needs", status: .failed)
        }
        try codec.replace(held, with: after)
        let command: ServiceCommand = codec.place == .credential ? .restart : .reload
        try tell(
            after, dropped: [], codec,
            text:
                "Key \(after.ids[0]) is current in \(Printable.escape(codec.path)); \(before.ids.count) before it stay.",
            next: "`\(command.words)`, then `sessionctl key list`", setting)
        return .done
    }

    private func drop(
        _ codec: Codec, _ places: KeyPlaces, _ setting: LocalSetting
    ) throws(CommandFailure) -> ExitStatus {
        // Held from before the survey: nobody makes another key current meanwhile.
        let held = try codec.hold()
        let before = try codec.contents(held.bytes)
        guard before.ids.count > 1 else {
            try tell(before, dropped: [], codec, text: "There are no older keys.", next: nil, setting)
            return .done
        }
        let survey = try KeyFileFailure.wrapping(places.stateDirectory) { () throws(FileFault) in
            try RecordSurvey.of(stateDirectory: places.stateDirectory)
        }
        let current = before.ids[0]
        guard let survey, survey.sealsUnder == current else {
            // It may have the older keys alone, and go on sealing with them.
            let command: ServiceCommand = codec.place == .credential ? .restart : .reload
            throw CommandFailure(
                kind: "conflict", message: "the daemon does not seal under key \(current) yet; nothing was dropped",
                remedy: "`\(command.words)`, then give this command again", status: .failed)
        }
        guard let needed = survey.neededKeys else {
            throw CommandFailure(
                kind: "conflict", message: "a file does not tell which key it needs, so that none can be dropped",
                remedy: "`sessionctl key list` names it; remove it when it is of no more use", status: .failed)
        }
        let after = before.keeping(needed)
        let dropped = before.ids.filter { !after.ids.contains($0) }
        guard !dropped.isEmpty else {
            throw CommandFailure(
                kind: "conflict", message: "files still need the older keys; nothing was dropped",
                remedy: "`\(ServiceCommand.reload.words)` seals them anew; `sessionctl key list` names them",
                status: .failed)
        }
        try codec.replace(held, with: after)
        try tell(
            after, dropped: dropped, codec,
            text: "Took \(dropped.joined(separator: " ")) out of \(Printable.escape(codec.path)).", next: nil, setting)
        return .done
    }

    private func tell(
        _ contents: KeyFileContents, dropped: [String], _ codec: Codec, text: String, next: String?,
        _ setting: LocalSetting
    ) throws(CommandFailure) {
        guard global.json else {
            try setting.console.write(text + "\n" + (next.map { "next: \($0)\n" } ?? ""))
            return
        }
        var members: [String: JSONValue] = [
            "key": .string(contents.ids[0]), "older": .array(contents.ids.dropFirst().map(JSONValue.string)),
            "dropped": .array(dropped.map(JSONValue.string)), "place": .string(codec.place.rawValue),
            "path": .string(codec.path),
        ]
        if let next { members["next"] = .string(next) }
        try setting.console.write(JSONValue.object(members).line)
    }
}

/// Reads and replaces the file of the current key, encrypted or not.
private struct Codec {
    let place: KeyHolding.Place
    let path: String
    private let credential: SealedCredential?
    private let sealingKey: SealingKey?

    init(_ holding: KeyHolding, _ places: KeyPlaces, _ setting: LocalSetting, _ sealingKey: SealingKey?) {
        place = holding.place
        path = holding.path
        credential =
            place == .credential
            ? SealedCredential(name: places.credentialName, programs: setting.programs) : nil
        self.sealingKey = sealingKey
    }

    func hold() throws(CommandFailure) -> HeldFile {
        let held = try KeyFileFailure.wrapping(path) { () throws(FileFault) in try AdministeredFile(path).hold() }
        guard let held else { throw KeyFileFailure.busy(path) }
        return held
    }

    func contents(_ bytes: [UInt8]) throws(CommandFailure) -> KeyFileContents {
        try KeyFileFailure.contents(credential?.open(bytes) ?? bytes, of: path)
    }

    func replace(_ held: consuming HeldFile, with contents: KeyFileContents) throws(CommandFailure) {
        let bytes = try credential?.seal(contents.encoded, with: sealingKey) ?? contents.encoded
        do throws(FileFault) {
            try held.sweep()
            try held.replace(with: bytes)
        } catch {
            throw KeyFileFailure.failure(path, error)
        }
    }
}
