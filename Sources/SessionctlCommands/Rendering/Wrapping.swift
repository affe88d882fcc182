/// Breaks text at spaces.
package enum Wrapping {
    /// Lines of at most that many columns; a longer word has a line of its own. Without a width: one line.
    package static func lines(_ text: String, width: Int?) -> [String] {
        guard let width, DisplayWidth.of(text) > width else { return [text] }
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            let longer = line.isEmpty ? String(word) : line + " " + word
            if line.isEmpty || DisplayWidth.of(longer) <= width {
                line = longer
            } else {
                lines.append(line)
                line = String(word)
            }
        }
        return lines + [line]
    }
}
