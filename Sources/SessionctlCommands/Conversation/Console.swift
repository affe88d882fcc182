/// Where a verb's words go and where its answers come from.
package protocol Console: Sendable {
    /// Whether a person sits at the input: only then are questions shown, repeated and asked twice.
    var isInputTerminal: Bool { get }
    var isOutputTerminal: Bool { get }
    var isErrorTerminal: Bool { get }
    /// The output terminal's columns.
    var columns: Int? { get }
    /// The result, whole lines. Does not return where the reader of a pipe has gone.
    func write(_ text: String) throws(CommandFailure)
    /// Errors, questions and hints: whatever is no result.
    func writeError(_ text: String)
    /// One line of input without its line feed, nil at the end. A terminal shows `prompt` first, and without `echo`
    /// does not show what is typed.
    func readLine(prompt: String, echo: Bool) throws(CommandFailure) -> String?
}
