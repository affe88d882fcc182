import Glibc

/// Reads the configuration from its files: the main one, and one for each profile in `profiles.d` beside it.
package struct ConfigurationLoader: Sendable {
    /// nil where there is no place to look.
    private let file: String?
    private let isRequired: Bool
    private let accounts: AccountDirectory
    private let available: Set<ProviderName>

    /// - Parameters:
    ///   - paths: says where the files are, and whether the main one must exist.
    ///   - available: the providers that this program can make; a profile with another is an error.
    package init(paths: DaemonPaths, available: Set<ProviderName>, accounts: AccountDirectory = .system) {
        file = paths.configurationFile
        isRequired = paths.isConfigurationRequired
        self.accounts = accounts
        self.available = available
    }

    /// Reads everything anew. Blocks on the disk.
    package func load() -> LoadedConfiguration {
        var problems: [ConfigurationProblem] = []
        let main = mainText(&problems)
        let profileTexts = profileTexts(&problems)
        var decoder = ConfigurationDecoder(accounts: accounts, available: available, secretFiles: .system)
        let decoded = decoder.decode(mainPath: file ?? "sessiond.yaml", main: main, profileTexts: profileTexts)
        return LoadedConfiguration(decoded.configuration, problems: problems + decoded.problems)
    }

    private func mainText(_ problems: inout [ConfigurationProblem]) -> ConfigurationText? {
        guard let file else { return nil }
        do {
            if let text = try ConfigurationText.read(file) { return text }
            if isRequired {
                problems.append(
                    ConfigurationProblem(
                        file: file, message: "there is no such file", remedy: "correct --config, or leave it out"))
            }
        } catch {
            problems.append(error)
        }
        return nil
    }

    private func profileTexts(
        _ problems: inout [ConfigurationProblem]
    ) -> [(name: String, text: ConfigurationText)] {
        guard let file else { return [] }
        let folder = file.lastIndex(of: "/").map { file[...$0] + "profiles.d" } ?? "profiles.d"
        var texts: [(name: String, text: ConfigurationText)] = []
        do {
            for entry in try Self.names(in: String(folder)) {
                // Hidden files, and what editors and packagers leave behind, are no profiles.
                if entry.hasPrefix(".") { continue }
                let path = "\(folder)/\(entry)"
                guard entry.hasSuffix(".yaml") else {
                    if entry.hasSuffix(".yml") {
                        problems.append(
                            ConfigurationProblem(
                                severity: .warning, file: path, message: "is not read",
                                remedy: "give its name the ending .yaml"))
                    }
                    continue
                }
                let name = String(entry.dropLast(5))
                guard isProfileName(name) else {
                    problems.append(
                        ConfigurationProblem(
                            file: path, message: "the file's name is not a profile's name",
                            remedy: "write 1 to 64 letters, digits, dots, dashes or underscores before .yaml"))
                    continue
                }
                do {
                    // One that is gone since the folder was listed was deleted, and is no profile any more.
                    if let text = try ConfigurationText.read(path) { texts.append((name, text)) }
                } catch {
                    problems.append(error)
                }
            }
        } catch {
            problems.append(error)
        }
        return texts
    }

    /// The folder's entries in the order of their names; none where there is no folder.
    private static func names(in folder: String) throws(ConfigurationProblem) -> [String] {
        guard let stream = opendir(folder) else {
            if errno == ENOENT || errno == ENOTDIR { return [] }
            throw ConfigurationText.unreadable(folder, errno)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            names.append(name)
        }
        guard errno == 0 else { throw ConfigurationText.unreadable(folder, errno) }
        return names.sorted()
    }
}
