import ArgumentParser
import SessionProtocol

struct Alerts: Verb {
    static let configuration = CommandConfiguration(
        commandName: "alerts", abstract: "Shows the alerts that the user may see, the most urgent first.")

    @OptionGroup var global: GlobalOptions

    func run(in conversation: Conversation) async throws(CommandFailure) -> ExitStatus {
        let answer = try await conversation.call("alerts.list")
        try conversation.show(answer) { () throws(CommandFailure) in
            guard let alerts = answer["alerts"]?.arrayValue else { throw .unreadableAnswer("alerts.list") }
            if alerts.isEmpty { return "No alerts.\n" }
            return alerts.map { text($0, conversation.style) }.joined()
        }
        return .done
    }

    private func text(_ alert: JSONValue, _ style: Style) -> String {
        let texts = ["title", "text", "href"].map { alert[$0]?.stringValue.map(Printable.escape) ?? "" }
        let headline = texts[0].isEmpty ? Printable.escape(alert["id"]?.stringValue ?? "alert") : texts[0]
        let rest = texts.dropFirst().filter { !$0.isEmpty }.map { text in
            Wrapping.lines(text, width: style.columns.map { max($0 - 2, 20) }).map { "  \($0)\n" }.joined()
        }
        return "\(style.paint(style.unicode ? "▲" : "!", .yellow)) \(style.paint(headline, .bold))\n" + rest.joined()
    }
}
