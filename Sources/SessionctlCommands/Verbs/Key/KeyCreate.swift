import ArgumentParser
import SessionProtocol
import SessionVault

struct KeyCreate: LocalVerb {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Makes a master key and puts it where the configuration says, or where an option says.",
        discussion: """
            Without an option: the place that `key:` in the configuration names, else master.key in the state \
            directory. What is there is never written over.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var options: KeyOptions

    @Option(help: ArgumentHelp("Write it to this file, mode 0600.", valueName: "file"), completion: .file())
    var output: String?

    @Flag(help: "Write it to standard output, which must not be a terminal.")
    var stdout = false

    @Flag(help: "Have systemd-creds encrypt it, as the credential that the service loads.")
    var credential = false

    @Option(help: "What the credential is bound to: host, tpm2, host+tpm2 or auto.")
    var withKey: SealingKey?

    func validate() throws {
        if [output != nil, stdout, credential].count(where: { $0 }) > 1 {
            throw ValidationError("Give one of --output, --stdout and --credential.")
        }
        if withKey != nil, output != nil || stdout { throw ValidationError("--with-key goes with --credential.") }
    }

    func run(in setting: LocalSetting) throws(CommandFailure) -> ExitStatus {
        let key = KeyFileContents.fresh()
        if stdout { return try print(key, setting) }
        if let output {
            try create(output, key.encoded)
            return try tell(key, "file", output, next: nil, setting)
        }
        let places = try KeyPlaces.find(options, in: setting)
        if credential { return try createCredential(key, places, setting) }
        switch places.configured {
        case .credential: return try createCredential(key, places, setting)
        case .file(let path):
            try refuseCredentialOption()
            try create(path, key.encoded)
            return try tell(
                key, "file", path, next: "let the daemon's user read it, and nobody else", setting)
        case nil:
            try refuseCredentialOption()
            return try createMasterKey(key, places, setting)
        }
    }

    private func refuseCredentialOption() throws(CommandFailure) {
        if withKey != nil { throw .usage("--with-key goes with --credential") }
    }

    private func print(_ key: KeyFileContents, _ setting: LocalSetting) throws(CommandFailure) -> ExitStatus {
        if setting.console.isOutputTerminal {
            throw .usage("a terminal is no place for a key", remedy: "give --output FILE, or pipe it on")
        }
        try setting.console.write(String(decoding: key.encoded, as: UTF8.self))
        return .done
    }

    private func createCredential(
        _ key: KeyFileContents, _ places: KeyPlaces, _ setting: LocalSetting
    ) throws(CommandFailure) -> ExitStatus {
        guard let path = places.credentialPath else {
            throw CommandFailure(
                kind: "permissionDenied", message: "encrypted credentials are for the system's daemon",
                remedy: "run it as root, or name their folder with --credstore")
        }
        try refuseExisting(path, AdministeredFile(path))
        let inventory = try KeyInventory.take(places, setting.programs)
        let sealed = try SealedCredential(name: places.credentialName, programs: setting.programs)
            .seal(key.encoded, with: withKey)
        try create(path, sealed)
        let lost = inventory.locked.count
        if lost > 0 {
            setting.console.writeError(
                "\(lost) files are sealed under keys that are not at hand: they stay sealed until these are back\n")
        }
        return try tell(key, "credential", path, next: "`\(ServiceCommand.restart.words)`", setting)
    }

    private func createMasterKey(
        _ key: KeyFileContents, _ places: KeyPlaces, _ setting: LocalSetting
    ) throws(CommandFailure) -> ExitStatus {
        let survey = try KeyFileFailure.wrapping(places.stateDirectory) { () throws(FileFault) in
            try RecordSurvey.of(stateDirectory: places.stateDirectory)
        }
        guard let survey else {
            throw CommandFailure(
                kind: "storeFailed", message: "there is no state directory \(places.stateDirectory) yet",
                remedy: """
                    start the daemon, which makes its own key; or bind the key to this machine with \
                    `sessionctl key create --credential`
                    """)
        }
        if let holding = places.holdings(setting.programs).first {
            throw exists(holding.path)
        }
        guard survey.entries.isEmpty else {
            throw CommandFailure(
                kind: "keyUnavailable",
                message:
                    "\(survey.entries.count) sealed files are there, and no key: a new one would open none of them",
                remedy: "put their key back, or move the files away; `sessionctl key list` names both")
        }
        try create(places.masterKey, key.encoded, forFolderOwner: true)
        return try tell(key, "stateDirectory", places.masterKey, next: nil, setting)
    }

    private func refuseExisting(_ path: String, _ file: AdministeredFile) throws(CommandFailure) {
        let bytes = try KeyFileFailure.wrapping(path) { () throws(FileFault) in try file.read() }
        if bytes != nil { throw exists(path) }
    }

    private func create(_ path: String, _ bytes: [UInt8], forFolderOwner: Bool = false) throws(CommandFailure) {
        let isNew = try KeyFileFailure.wrapping(path) { () throws(FileFault) in
            try AdministeredFile(path).create(bytes, forFolderOwner: forFolderOwner)
        }
        if !isNew { throw exists(path) }
    }

    private func exists(_ path: String) -> CommandFailure {
        CommandFailure(
            kind: "conflict", message: "\(path) is there already, and is never written over",
            remedy: "`sessionctl key rotate` puts a new key before the one in use", status: .failed)
    }

    private func tell(
        _ key: KeyFileContents, _ place: String, _ path: String, next: String?, _ setting: LocalSetting
    ) throws(CommandFailure) -> ExitStatus {
        let id = key.ids.first ?? ""
        if global.json {
            var members: [String: JSONValue] = ["key": .string(id), "place": .string(place), "path": .string(path)]
            if let next { members["next"] = .string(next) }
            try setting.console.write(JSONValue.object(members).line)
        } else {
            var text = "Made key \(id) in \(Printable.escape(path)).\n"
            if let next { text += "next: \(next)\n" }
            try setting.console.write(text)
        }
        return .done
    }
}
