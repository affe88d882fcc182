/// Recognises the commands that prompts and scripts run all day, where they are written plainly. Setting ArgumentParser
/// up takes longer than all the rest of such a run.
///
/// Whatever is not known at a glance is ArgumentParser's: other verbs and spellings, help, every error. Both make the
/// same values of what both understand, which a test compares.
enum EverydayArguments {
    private struct Words {
        private(set) var flags: Set<String> = []
        private(set) var values: [String: String] = [:]

        /// Nil where a word is not one of these, comes twice, or has no plain value behind it.
        init?(_ words: some Sequence<String>, flags known: Set<String>, values named: Set<String>) {
            var words = words.makeIterator()
            while let word = words.next() {
                let name = longNames[word] ?? word
                if known.contains(name) {
                    guard flags.insert(name).inserted else { return nil }
                } else if named.contains(name) {
                    guard let value = words.next(), !value.isEmpty, !value.hasPrefix("-"),
                        values.updateValue(value, forKey: name) == nil
                    else { return nil }
                } else {
                    return nil
                }
            }
        }

        var global: GlobalOptions {
            var global = GlobalOptions()
            global.socket = values["--socket"]
            global.profile = values["--profile"]
            global.json = flags.contains("--json")
            global.noColor = flags.contains("--no-color")
            global.timeout = nil
            return global
        }
    }

    private static let longNames = ["-p": "--profile", "-q": "--quiet"]
    private static let globalFlags: Set = ["--json", "--no-color"]
    private static let globalValues: Set = ["--socket", "--profile"]

    static func verb(_ arguments: [String]) -> (any Verb)? {
        let place = verbPlace(in: arguments)
        guard place < arguments.endIndex else { return nil }
        // Options that all verbs share may come before the verb too.
        let words = arguments[..<place] + arguments[(place + 1)...]
        switch arguments[place] {
        case "status":
            let flags = globalFlags.union(["--check", "--wait", "--quiet"])
            guard let words = Words(words, flags: flags, values: globalValues) else { return nil }
            var verb = Status()
            verb.check = words.flags.contains("--check")
            verb.wait = words.flags.contains("--wait")
            verb.quiet = words.flags.contains("--quiet")
            verb.global = words.global
            return verb
        case "token":
            guard let words = Words(words, flags: globalFlags, values: globalValues.union(["--type"])) else {
                return nil
            }
            let type = words.values["--type"].map(Token.Kind.init(rawValue:))
            if case .some(nil) = type { return nil }
            var verb = Token()
            verb.type = type ?? nil
            verb.minValid = nil
            verb.global = words.global
            return verb
        default: return nil
        }
    }

    /// Where the first word stands that is neither one of the shared options nor the value of one.
    private static func verbPlace(in arguments: [String]) -> Int {
        var place = arguments.startIndex
        while place < arguments.endIndex {
            let name = longNames[arguments[place]] ?? arguments[place]
            if globalFlags.contains(name) {
                place += 1
            } else if globalValues.contains(name) {
                place += 2
            } else {
                break
            }
        }
        return place
    }
}
