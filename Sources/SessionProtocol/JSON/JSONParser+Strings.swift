extension JSONParser {
    /// Reads the string at the position, which is that of its opening quote.
    mutating func string(_ text: Span<UInt8>) throws(JSONParseError) -> String {
        let quote = position
        mayHaveMarks = false
        let string = try unescapedString(text)
        guard !mayHaveMarks || longestRunOfMarks(string) <= bounds.maxMarksInARow else {
            throw .tooManyMarks(limit: bounds.maxMarksInARow, position: quote)
        }
        return string
    }

    private mutating func unescapedString(_ text: Span<UInt8>) throws(JSONParseError) -> String {
        position += 1
        let start = position
        let end = try plainRun(text)
        if text[end] == UInt8(ascii: "\"") {
            position = end + 1
            return try plainString(text, start..<end)
        }
        unescaped.removeAll(keepingCapacity: true)
        var runStart = start
        while true {
            let runEnd = try plainRun(text)
            unescaped.append(contentsOf: try plainString(text, runStart..<runEnd).utf8)
            position = runEnd
            if text[runEnd] == UInt8(ascii: "\"") { break }
            append(try escape(text))
            runStart = position
        }
        position += 1
        return String(decoding: unescaped, as: UTF8.self)
    }

    /// Where the bytes from the position on stop being plain: at a quote or a backslash.
    private mutating func plainRun(_ text: Span<UInt8>) throws(JSONParseError) -> Int {
        var index = position
        while index < text.count {
            let byte = text[index]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return index }
            if byte < 0x20 { break }
            // The first combining mark is U+0300, in UTF-8 CC 80.
            if byte >= 0xCC { mayHaveMarks = true }
            index += 1
        }
        // Whatever is wrong here, bad UTF-8 before it comes first.
        _ = try plainString(text, position..<index)
        throw .notJSON(position: index)
    }

    /// Refuses overlong forms, surrogates and what else is no UTF-8.
    func plainString(_ text: Span<UInt8>, _ range: Range<Int>) throws(JSONParseError) -> String {
        do throws(UTF8.ValidationError) {
            return String(copying: try UTF8Span(validating: text.extracting(range)))
        } catch {
            throw .notJSON(position: range.lowerBound + error.byteOffsets.lowerBound)
        }
    }

    /// Reads the escape at the position.
    private mutating func escape(_ text: Span<UInt8>) throws(JSONParseError) -> Unicode.Scalar {
        let start = position
        position += 2
        guard start + 1 < text.count else { throw .notJSON(position: text.count) }
        switch text[start + 1] {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: throw .notJSON(position: start + 1)
        }
        let unit = try hexadecimals(text)
        if let scalar = Unicode.Scalar(unit) { return scalar }
        if let scalar = try lowHalf(text, after: unit) { return scalar }
        guard bounds.replacesLoneSurrogates else { throw .notJSON(position: start) }
        return "\u{FFFD}"
    }

    /// The scalar of a pair whose first half has been read; nil, with the position as it was, where no second follows.
    private mutating func lowHalf(_ text: Span<UInt8>, after unit: UInt32) throws(JSONParseError) -> Unicode.Scalar? {
        guard unit < 0xDC00, position + 1 < text.count, text[position] == UInt8(ascii: "\\"),
            text[position + 1] == UInt8(ascii: "u")
        else { return nil }
        let end = position
        position += 2
        let second = try hexadecimals(text)
        guard (0xDC00...0xDFFF).contains(second) else {
            position = end
            return nil
        }
        return Unicode.Scalar(0x1_0000 + (unit - 0xD800) << 10 + (second - 0xDC00))
    }

    private func longestRunOfMarks(_ string: String) -> Int {
        var longest = 0
        var run = 0
        for scalar in string.unicodeScalars {
            run = isMark(scalar) ? run + 1 : 0
            longest = max(longest, run)
        }
        return longest
    }

    /// Whether normalization reorders it. Three scalars of Tibetan are no marks by their class but decompose into some.
    private func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x300: false
        case 0x0F73, 0x0F75, 0x0F81: true
        default: scalar.properties.canonicalCombiningClass != .notReordered
        }
    }

    private mutating func hexadecimals(_ text: Span<UInt8>) throws(JSONParseError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard position < text.count, let digit = hexadecimal(text[position]) else {
                throw .notJSON(position: position)
            }
            value = value << 4 | digit
            position += 1
        }
        return value
    }

    private func hexadecimal(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    private mutating func append(_ scalar: Unicode.Scalar) {
        if scalar.value >= 0x300 { mayHaveMarks = true }
        unescaped.append(contentsOf: scalar.utf8)
    }
}
