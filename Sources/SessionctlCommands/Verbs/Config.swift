import ArgumentParser
import SessionProtocol

struct Config: Verb {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Shows which daemon answers, and where: socket, version, protocol, instance, features and limits.",
        discussion: "`sessiond --check-config` checks the configuration files.")

    @OptionGroup var global: GlobalOptions

    func run(in conversation: Conversation) async throws(CommandFailure) -> ExitStatus {
        let answer = try await conversation.call("server.hello")
        guard var members = answer.objectValue else { throw .unreadableAnswer("server.hello") }
        if let path = conversation.daemon.socketPath { members["socket"] = .string(path) }
        try conversation.show(.object(members)) { () throws(CommandFailure) in
            var table = Table([.init("SETTING"), .init("VALUE", mayBeCut: true)])
            let server = [answer["server"]?["name"], answer["server"]?["version"]].compactMap { $0?.stringValue }
            table.add([.init("server"), .init(server.joined(separator: " "))])
            for name in ["socket", "protocol", "instance"] {
                if let value = members[name] { table.add([.init(name), .init(Self.plain(value))]) }
            }
            let features = members["features"]?.arrayValue?.compactMap(\.stringValue) ?? []
            table.add([.init("features"), .init(features.isEmpty ? "none" : features.joined(separator: ", "))])
            for (name, value) in (members["limits"]?.objectValue ?? [:]).sorted(by: { $0.key < $1.key }) {
                table.add([.init(name), .init(Self.plain(value))])
            }
            return table.rendered(conversation.style)
        }
        return .done
    }

    private static func plain(_ value: JSONValue) -> String { value.stringValue ?? String(value.line.dropLast()) }
}
