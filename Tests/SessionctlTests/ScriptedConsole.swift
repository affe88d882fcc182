import SessionctlCommands
import Synchronization

/// A console whose input is a list of lines and whose output is kept.
final class ScriptedConsole: Console {
    private struct State {
        var input: [String]
        var output = ""
        var errors = ""
        var echoes: [Bool] = []
    }

    let isInputTerminal: Bool
    let isOutputTerminal: Bool
    let isErrorTerminal: Bool
    let columns: Int?
    private let state: Mutex<State>
    /// Yields after every write.
    private let onWrite: @Sendable (String) -> Void

    init(
        input: [String] = [], isTerminal: Bool = false, columns: Int? = nil,
        onWrite: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        isInputTerminal = isTerminal
        isOutputTerminal = isTerminal
        isErrorTerminal = isTerminal
        self.columns = columns
        self.onWrite = onWrite
        state = Mutex(State(input: input))
    }

    var output: String { state.withLock { $0.output } }
    var errors: String { state.withLock { $0.errors } }
    /// Whether each line that was read was shown.
    var echoes: [Bool] { state.withLock { $0.echoes } }
    var unread: [String] { state.withLock { $0.input } }

    func write(_ text: String) throws(CommandFailure) {
        state.withLock { $0.output += text }
        onWrite(text)
    }

    func writeError(_ text: String) { state.withLock { $0.errors += text } }

    func readLine(prompt: String, echo: Bool) throws(CommandFailure) -> String? {
        state.withLock { state in
            if isInputTerminal { state.errors += prompt }
            state.echoes.append(echo)
            return state.input.isEmpty ? nil : state.input.removeFirst()
        }
    }
}
