/// Aligned columns under headings.
package struct Table: Sendable {
    /// A column. Where the terminal is narrow only columns that may be cut give way.
    package struct Column: Sendable {
        package var heading: String
        package var mayBeCut: Bool

        package init(_ heading: String, mayBeCut: Bool = false) {
            self.heading = heading
            self.mayBeCut = mayBeCut
        }
    }

    /// One cell; its text is escaped when it is made.
    package struct Cell: Sendable {
        let text: String
        let colour: Style.Colour?

        package init(_ text: String, _ colour: Style.Colour? = nil) {
            self.text = Printable.escape(text)
            self.colour = colour
        }
    }

    private let columns: [Column]
    private var rows: [[Cell]] = []
    private static let gap = "  "
    private static let narrowest = 8

    package init(_ columns: [Column]) { self.columns = columns }

    /// Adds a row; it has a cell for every column.
    package mutating func add(_ cells: [Cell]) {
        precondition(cells.count == columns.count)
        rows.append(cells)
    }

    /// The lines, each ended by a line feed and without trailing spaces.
    package func rendered(_ style: Style) -> String {
        let widths = widths(within: style.columns)
        let headings = columns.map { Cell($0.heading, .dim) }
        return ([headings] + rows).map { line($0, widths, style) }.joined()
    }

    private func line(_ cells: [Cell], _ widths: [Int], _ style: Style) -> String {
        var line = ""
        var pending = ""
        for (cell, width) in zip(cells, widths) {
            let text = DisplayWidth.cut(cell.text, to: width, ellipsis: style.unicode ? "…" : "...")
            if !text.isEmpty {
                line += pending + style.paint(text, cell.colour)
                pending = ""
            }
            pending += String(repeating: " ", count: width - DisplayWidth.of(text)) + Self.gap
        }
        return line + "\n"
    }

    private func widths(within limit: Int?) -> [Int] {
        var widths = columns.indices.map { index in
            rows.map { DisplayWidth.of($0[index].text) }.max().map { max($0, DisplayWidth.of(columns[index].heading)) }
                ?? DisplayWidth.of(columns[index].heading)
        }
        guard let limit else { return widths }
        var excess = widths.reduce(0, +) + Self.gap.count * (widths.count - 1) - limit
        while excess > 0 {
            let candidates = widths.indices.filter { columns[$0].mayBeCut && widths[$0] > Self.narrowest }
            guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { break }
            widths[widest] -= 1
            excess -= 1
        }
        return widths
    }
}
