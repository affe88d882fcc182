import ArgumentParser
import SessionProtocol

struct Profiles: Verb {
    static let configuration = CommandConfiguration(
        commandName: "profiles", abstract: "Lists the profiles and their providers.")

    @Flag(help: "Print the names only, one a line.")
    var names = false

    @OptionGroup var global: GlobalOptions

    func run(in conversation: Conversation) async throws(CommandFailure) -> ExitStatus {
        let answer = try await conversation.call("profile.list")
        try conversation.show(answer) { () throws(CommandFailure) in
            let profiles = try Self.profiles(answer)
            if names { return profiles.map { Printable.escape($0.name) + "\n" }.joined() }
            var table = Table([.init("PROFILE"), .init("PROVIDER"), .init("PHASE"), .init("")])
            for profile in profiles {
                let phase = Phase(rawValue: profile.phase)
                table.add([
                    .init(profile.name, .bold), .init(profile.provider), .init(profile.phase, phase?.colour),
                    .init(profile.isDefault ? "default" : "", .dim),
                ])
            }
            return table.rendered(conversation.style)
        }
        return .done
    }

    /// The names of all profiles, in the daemon's order.
    static func names(_ conversation: Conversation) async throws(CommandFailure) -> [String] {
        try profiles(try await conversation.call("profile.list")).map(\.name)
    }

    private struct Profile {
        let name: String
        let provider: String
        let phase: String
        let isDefault: Bool
    }

    private static func profiles(_ answer: JSONValue) throws(CommandFailure) -> [Profile] {
        guard let values = answer["profiles"]?.arrayValue else { throw .unreadableAnswer("profile.list") }
        var profiles: [Profile] = []
        for value in values {
            guard let name = value["profile"]?.stringValue, let provider = value["provider"]?.stringValue,
                let phase = value["phase"]?.stringValue
            else { throw .unreadableAnswer("profile.list") }
            let isDefault = value["isDefault"]?.boolValue ?? false
            profiles.append(Profile(name: name, provider: provider, phase: phase, isDefault: isDefault))
        }
        return profiles
    }
}
