/// Recognises the commands that prompts and scripts run all day, where they are written plainly. Setting ArgumentParser
/// up takes longer than all the rest of such a run.
///
/// Whatever is not known at a glance is ArgumentParser's: other verbs and spellings, help, every error. Both make the
/// same values of what both understand, which a test compares.
enum EverydayArguments {
    static func verb(_ arguments: [String]) -> (any Verb)? {
        var words = Words()
        var verb: Name?
        var rest = arguments[...]
        while let word = rest.popFirst() {
            if words.takeShared(word, &rest) { continue }
            switch (verb, Name(rawValue: word)) {
            case (nil, let name?): verb = name
            case (let verb?, _) where words.take(word, of: verb, &rest): continue
            default: return nil
            }
        }
        return switch verb {
        case .status: words.status
        case .token: words.token
        case nil: nil
        }
    }

    private enum Name: String { case status, token }

    /// What the words say, each at most once. No sets and no dictionaries: a generic type is made when it is first used,
    /// and the search for its conformances goes through the whole program.
    private struct Words {
        private var socket: String?
        private var profile: String?
        private var json = false
        private var noColor = false
        private var check = false
        private var wait = false
        private var quiet = false
        private var type: Token.Kind?

        /// An option that all verbs share, which may come before the verb too. False where it is none, or none that is
        /// plain: then nothing is taken that matters any more.
        mutating func takeShared(_ word: String, _ rest: inout ArraySlice<String>) -> Bool {
            switch word {
            case "--socket": Self.set(&socket, Self.value(&rest))
            case "--profile", "-p": Self.set(&profile, Self.value(&rest))
            case "--json": Self.set(&json)
            case "--no-color": Self.set(&noColor)
            default: false
            }
        }

        mutating func take(_ word: String, of verb: Name, _ rest: inout ArraySlice<String>) -> Bool {
            switch (verb, word) {
            case (.status, "--check"): Self.set(&check)
            case (.status, "--wait"): Self.set(&wait)
            case (.status, "--quiet"), (.status, "-q"): Self.set(&quiet)
            case (.token, "--type"): Self.set(&type, Self.value(&rest).flatMap(Token.Kind.init(rawValue:)))
            default: false
            }
        }

        private static func set(_ flag: inout Bool) -> Bool {
            defer { flag = true }
            return !flag
        }

        private static func set<Value>(_ option: inout Value?, _ value: Value?) -> Bool {
            guard option == nil, let value else { return false }
            option = value
            return true
        }

        private static func value(_ rest: inout ArraySlice<String>) -> String? {
            guard let value = rest.popFirst(), !value.isEmpty, !value.hasPrefix("-") else { return nil }
            return value
        }

        var status: Status {
            var verb = Status()
            verb.check = check
            verb.wait = wait
            verb.quiet = quiet
            verb.global = global
            return verb
        }

        var token: Token {
            var verb = Token()
            verb.type = type
            verb.minValid = nil
            verb.global = global
            return verb
        }

        private var global: GlobalOptions {
            var global = GlobalOptions()
            global.socket = socket
            global.profile = profile
            global.json = json
            global.noColor = noColor
            global.timeout = nil
            return global
        }
    }
}
