import DaemonProcess
import Logging
import SessionProtocol

/// Makes a configuration of the files' texts. Asks nobody but `accounts` and `secretFiles`.
struct ConfigurationDecoder {
    let accounts: AccountDirectory
    let available: Set<ProviderName>
    let secretFiles: SecretFileCheck
    private var problems: [ConfigurationProblem] = []
    private var profiles: [String: ProfileConfiguration] = [:]
    /// Where each name was first defined, profiles with errors included.
    private var places: [String: String] = [:]

    init(accounts: AccountDirectory, available: Set<ProviderName>, secretFiles: SecretFileCheck = .none) {
        self.accounts = accounts
        self.available = available
        self.secretFiles = secretFiles
    }

    /// - Parameters:
    ///   - mainPath: names the main file in problems.
    ///   - main: nil where there is no main file, or none that can be read.
    ///   - profileTexts: by the profile's name, in the order in which they are to be read.
    mutating func decode(
        mainPath: String, main: ConfigurationText?, profileTexts: [(name: String, text: ConfigurationText)]
    ) -> LoadedConfiguration {
        var reader = FieldReader(
            file: mainPath, isReadableByOthers: main?.isReadableByOthers ?? false, secretFiles: secretFiles)
        let top = main.flatMap { document(of: $0) }
            .flatMap { reader.section(Field(key: "", node: $0), keys: ConfigurationSection.top.names) }
        if let field = top?["profiles"] { addProfiles(field, to: &reader) }
        var profileProblems: [ConfigurationProblem] = []
        for (name, text) in profileTexts { profileProblems += addProfile(name, text) }

        var configuration = DaemonConfiguration()
        if places.isEmpty { places[configuration.defaultProfile] = mainPath }
        if !profiles.isEmpty { configuration.profiles = profiles.values.sorted { $0.name < $1.name } }
        decodeDefault(top?["defaultProfile"], with: &reader, into: &configuration)
        if let top { decode(top, with: &reader, into: &configuration) }
        let mainProblems = (problems + reader.problems)
            .sorted { ($0.line ?? 0, $0.column ?? 0) < ($1.line ?? 0, $1.column ?? 0) }
        return LoadedConfiguration(configuration, problems: mainProblems + profileProblems)
    }

    private mutating func decode(
        _ top: Section, with reader: inout FieldReader, into configuration: inout DaemonConfiguration
    ) {
        if let field = top["socket"] { configuration.socket = reader.socket(field, accounts: accounts) }
        if let field = top["key"] { configuration.key = reader.location(field) }
        if let field = top["access"] {
            configuration.access = reader.accessRules(field, accounts: accounts, profiles: Set(places.keys))
        }
        if let field = top["limits"] { configuration.limits = reader.limits(field) }
        if let field = top["log"] { configuration.log = reader.log(field) }
    }

    /// The text's document; nil where it has none or cannot be read, which is then among `problems`.
    private mutating func document(of text: ConfigurationText) -> YAMLNode? {
        if text.isWritableByOthers {
            problems.append(
                ConfigurationProblem(
                    severity: .warning, file: text.path, message: "other users may write this file",
                    remedy: "chmod o-w it"))
        }
        do {
            let document = try text.document()
            return document.flatMap { $0.isNull ? nil : $0 }
        } catch {
            problems.append(error)
            return nil
        }
    }

    private mutating func addProfiles(_ field: Field, to reader: inout FieldReader) {
        for entry in reader.entries(field, expected: "default: {provider: embedded}") ?? [] {
            let key = "profiles.\(entry.key)"
            guard isProfileName(entry.key) else {
                reader.report(
                    at: entry.position, key: key, "not a profile's name",
                    remedy: "write 1 to 64 letters, digits, dots, dashes or underscores, without a dot in front")
                continue
            }
            places[entry.key] = "\(reader.file):\(entry.position.line)"
            profiles[entry.key] = reader.profile(
                Field(key: key, node: entry.value), name: entry.key, available: available)
        }
    }

    private mutating func addProfile(_ name: String, _ text: ConfigurationText) -> [ConfigurationProblem] {
        let before = problems
        problems = []
        defer { problems = before }
        let document = document(of: text)
        var reader = FieldReader(
            file: text.path, isReadableByOthers: text.isReadableByOthers, secretFiles: secretFiles)
        if let place = places[name] {
            reader.report(
                at: nil, key: nil, "the profile \"\(name)\" is also defined at \(place)",
                remedy: "delete one of the two")
        } else {
            places[name] = text.path
            if let document {
                profiles[name] = reader.profile(Field(key: "", node: document), name: name, available: available)
            } else if problems.isEmpty {
                reader.report(at: nil, key: nil, "the file defines nothing", remedy: "add provider: embedded")
            }
        }
        return problems + reader.problems
    }

    /// Named, or the one called `default`, or the only one.
    private func decodeDefault(
        _ field: Field?, with reader: inout FieldReader, into configuration: inout DaemonConfiguration
    ) {
        let known = Set(places.keys)
        if let field {
            guard let name = reader.text(field, example: "default") else { return }
            if !known.contains(name) { reader.reportNoSuchProfile(field, name, known: known) }
            configuration.defaultProfile = name
        } else if let only = known.first, known.count == 1 {
            configuration.defaultProfile = only
        } else if !known.contains(configuration.defaultProfile) {
            reader.report(
                at: nil, key: "defaultProfile", "is missing, and no profile is called default",
                remedy: "add defaultProfile: with one of \(known.sorted().joined(separator: ", "))")
        }
    }
}
