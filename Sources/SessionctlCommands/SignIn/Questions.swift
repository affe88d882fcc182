/// Asking the person, or reading the same answers line by line from a script.
extension Conversation {
    private static let attempts = 3

    /// The answer, never empty.
    func ask(_ field: FormField) throws(CommandFailure) -> String {
        for _ in 0..<Self.attempts {
            let prompt = "\(Printable.escape(field.question)): "
            guard let line = try console.readLine(prompt: prompt, echo: !field.isHidden) else {
                throw CommandFailure(
                    kind: "input", message: "the input ended before \(field.name) was given",
                    remedy: "give it as a line of standard input", status: .usage)
            }
            if !line.isEmpty { return line }
            guard console.isInputTerminal else { break }
        }
        throw CommandFailure(kind: "input", message: "\(field.name) is empty", status: .usage)
    }

    /// A password that nobody can check yet: a person types it twice.
    func askNew(_ field: FormField) throws(CommandFailure) -> String {
        guard console.isInputTerminal else { return try ask(field) }
        for _ in 0..<Self.attempts {
            let first = try ask(field)
            let again = FormField(field.name, field.question + " again", isHidden: field.isHidden)
            if try ask(again) == first { return first }
            console.writeError("The two are not the same.\n")
        }
        throw CommandFailure(
            kind: "input", message: "the two passwords differ", remedy: "nothing was changed; start again",
            status: .usage)
    }

    /// One of the options, by its number or its id. A single option is no question.
    func choose(_ question: String, from options: [Option]) throws(CommandFailure) -> String {
        if options.count == 1, let only = options.first { return only.id }
        if console.isInputTerminal {
            for (number, option) in options.enumerated() {
                let id = option.title == option.id ? "" : "  (\(option.id))"
                console.writeError(Printable.escape("  \(number + 1)  \(option.title)\(id)") + "\n")
            }
        }
        for _ in 0..<Self.attempts {
            let answer = try ask(FormField("choice", question))
            if let option = options.first(where: { $0.id == answer }) { return option.id }
            if let number = Int(answer), options.indices.contains(number - 1) { return options[number - 1].id }
            guard console.isInputTerminal else { break }
            console.writeError("Give a number from 1 to \(options.count).\n")
        }
        throw CommandFailure(
            kind: "input", message: "that is none of the choices",
            remedy: options.isEmpty ? nil : "choose one of: " + options.map(\.id).joined(separator: ", "),
            status: .usage)
    }

    /// Something to choose.
    struct Option: Sendable {
        let id: String
        let title: String
    }
}
