@testable import DaemonConfiguration

/// Decodes texts as if they were files, on a machine with a few known accounts.
enum Decoding {
    static let accounts = AccountDirectory(
        user: { ["kiosk": 1001, "root": 0][$0] }, group: { ["sessiond-clients": 990, "wheel": 10][$0] })

    static func decode(
        _ main: String?, profiles: [(String, String)] = [], available: Set<ProviderName> = Set(ProviderName.allCases),
        isReadableByOthers: Bool = false
    ) -> LoadedConfiguration {
        var decoder = ConfigurationDecoder(accounts: accounts, available: available)
        return decoder.decode(
            mainPath: "main.yaml",
            main: main.map {
                ConfigurationText(path: "main.yaml", bytes: Array($0.utf8), isReadableByOthers: isReadableByOthers)
            },
            profileTexts: profiles.map { name, text in
                (name, ConfigurationText(path: "profiles.d/\(name).yaml", bytes: Array(text.utf8)))
            })
    }

    /// `line:column key message`, as short as a table wants it.
    static func problems(_ main: String) -> [String] {
        decode(main).problems.map { problem in
            let place = "\(problem.line.map(String.init) ?? "-"):\(problem.column.map(String.init) ?? "-")"
            return "\(place) \(problem.key ?? "-"): \(problem.message) — \(problem.remedy)"
        }
    }
}
