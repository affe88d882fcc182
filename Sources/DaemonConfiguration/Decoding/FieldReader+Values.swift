extension FieldReader {
    /// Any text but an empty one. Numbers are taken as they are written.
    mutating func text(_ field: Field, example: String) -> String? {
        guard let (text, _) = scalar(field, expected: "a text", example: example) else { return nil }
        guard !text.isEmpty else {
            report(field, "is empty", remedy: "write it like \(example), or delete the key")
            return nil
        }
        guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
            report(field, "holds a line break or another control character", remedy: "write it in one line")
            return nil
        }
        return text
    }

    mutating func boolean(_ field: Field) -> Bool? {
        guard let (text, isPlain) = scalar(field, expected: "true or false", example: "true") else { return nil }
        switch text {
        case "true" where isPlain: return true
        case "false" where isPlain: return false
        default:
            report(field, "expected true or false", remedy: "write true or false, without quotes")
            return nil
        }
    }

    mutating func integer(_ field: Field, in range: ClosedRange<Int>) -> Int? {
        let example = "\(range.lowerBound)"
        guard let (text, isPlain) = scalar(field, expected: "a whole number", example: example) else { return nil }
        guard isPlain, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            report(field, "expected a whole number", remedy: "write digits alone, without quotes")
            return nil
        }
        guard let number = Int(text), range.contains(number) else {
            report(
                field, "out of range", remedy: "write a number from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }

    /// A share from 0 to 1.
    mutating func share(_ field: Field) -> Double? {
        guard let (text, isPlain) = scalar(field, expected: "a number", example: "0.1") else { return nil }
        guard isPlain, text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }),
            let number = Double(text)
        else {
            report(field, "expected a number", remedy: "write it like 0.1, without quotes")
            return nil
        }
        guard (0...1).contains(number) else {
            report(field, "out of range", remedy: "write a number from 0 to 1")
            return nil
        }
        return number
    }

    /// One of a few words.
    mutating func word<Word: RawRepresentable<String> & CaseIterable>(_ field: Field, of type: Word.Type) -> Word? {
        let known = Word.allCases.map(\.rawValue)
        let list = known.joined(separator: ", ")
        guard let (text, _) = scalar(field, expected: "one of \(list)", example: known.first ?? "") else { return nil }
        if let word = Word(rawValue: text) { return word }
        report(
            field, "\"\(text.prefix(64))\" is not one of \(list)",
            remedy: suggestion(for: text, among: known) ?? "write one of them")
        return nil
    }

    /// An absolute path.
    mutating func path(_ field: Field, example: String) -> String? {
        guard let path = text(field, example: example) else { return nil }
        guard path.hasPrefix("/") else {
            report(field, "not an absolute path", remedy: "write it from the root, like \(example)")
            return nil
        }
        return path
    }
}
