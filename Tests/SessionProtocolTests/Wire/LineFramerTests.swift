import SessionProtocol
import Testing

@Suite("The line framer")
struct LineFramerTests {
    struct Stream {
        var framer = LineFramer(maxBytes: 8)
        var lines: [String] = []
        var isOver = false

        mutating func feed(_ text: String) {
            let bytes = Array(text.utf8)
            var position = 0
            while true {
                switch framer.nextLine(in: bytes.span, from: &position, { $0.string }) {
                case .line(let line): lines.append(line)
                case .needsBytes:
                    #expect(position == bytes.count)
                    return
                case .lineTooLong:
                    isOver = true
                    return
                }
            }
        }
    }

    @Test(
        "a stream is cut at its line feeds, carriage returns before them go",
        arguments: [
            (["a\nb\r\n\n\r\nc"], ["a", "b", "", ""], true), (["a", "b", "\n"], ["ab"], false),
            (["a\r", "\n"], ["a"], false),
            (["\r\r\n"], ["\r"], false), (["a\rb\n"], ["a\rb"], false), (["ab\nc", "d\ne", "f"], ["ab", "cd"], true),
            (["12345678\n"], ["12345678"], false), (["12345678\r\n"], ["12345678"], false),
            (["12345678", "\r", "\n"], ["12345678"], false), ([""], [], false), (["\r"], [], true),
        ])
    func lines(_ pieces: [String], _ lines: [String], _ isPartial: Bool) {
        var stream = Stream()
        for piece in pieces { stream.feed(piece) }
        #expect(stream.lines == lines)
        #expect(!stream.isOver)
        #expect(stream.framer.hasPartialLine == isPartial)
    }

    @Test(
        "a line over the limit ends the stream, before or after its line feed has come",
        arguments: [
            ["123456789"], ["123456789\n"], ["12345678", "9"], ["12345678\r\r"], ["12345678\r", "x"],
            ["12345678\r\r\n"],
            ["123456789\r\n"], ["12345678", "\r", "\r"], ["1234", "56789012345678901234567890"],
        ])
    func tooLong(_ pieces: [String]) {
        var stream = Stream()
        stream.feed("a\n")
        for piece in pieces { stream.feed(piece) }
        #expect(stream.isOver)
        #expect(!stream.framer.hasPartialLine)
        stream.feed("b\n")
        #expect(stream.lines == ["a"])
    }

    @Test("a reader can stop after any line and go on where it stopped")
    func pausing() {
        let bytes = Array("a\nbc\nd".utf8)
        var framer = LineFramer(maxBytes: 8)
        var position = 0
        for (line, end) in [("a", 2), ("bc", 5)] {
            guard case .line(line) = framer.nextLine(in: bytes.span, from: &position, { $0.string }) else {
                Issue.record("\(line) did not come")
                return
            }
            #expect(position == end)
            #expect(!framer.hasPartialLine)
        }
        guard case .needsBytes = framer.nextLine(in: bytes.span, from: &position, { $0.string }) else {
            Issue.record("an unfinished line was handed over")
            return
        }
        #expect(framer.hasPartialLine)
    }

    @Test("however a stream is cut, the lines are the same", arguments: 0..<50)
    func anyCut(_ seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        let text = String(
            (0..<200).map { _ in ["a", "b", "\n", "\r", "1234"].randomElement(using: &generator) ?? "a" }.joined())
        var whole = Stream()
        whole.feed(text)
        var cut = Stream()
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...5, using: &generator))
            cut.feed(String(decoding: piece, as: UTF8.self))
            rest = rest.dropFirst(piece.count)
        }
        #expect(cut.lines == whole.lines)
        #expect(cut.isOver == whole.isOver)
    }
}

extension Span<UInt8> {
    fileprivate var string: String {
        withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }
}
