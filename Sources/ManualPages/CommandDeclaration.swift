import SessionProtocol

/// What ArgumentParser declares of a command; the shape is that of its ToolInfo, version 0.
struct CommandDeclaration: Sendable, Hashable {
    struct Argument: Sendable, Hashable {
        enum Kind: String, Sendable { case positional, option, flag }

        var kind: Kind
        /// With their dashes; empty for a positional argument.
        var names: [String]
        var valueName: String
        var abstract: String
        var standard: String?
        var isOptional: Bool
        var isRepeating: Bool
    }

    var name: String
    var abstract: String
    var discussion: String
    /// Only those that help shows.
    var arguments: [Argument]
    var subcommands: [CommandDeclaration]
}

/// The declarations do not look as they did in the version of ArgumentParser that this was written for.
struct UnknownDeclaration: Error {
    let member: String
}

extension CommandDeclaration {
    init(_ json: JSONValue) throws(UnknownDeclaration) {
        guard let name = json["commandName"]?.stringValue else { throw UnknownDeclaration(member: "commandName") }
        self.name = name
        abstract = json["abstract"]?.stringValue ?? ""
        discussion = json["discussion"]?.stringValue ?? ""
        arguments = []
        for argument in json["arguments"]?.arrayValue ?? [] where argument["shouldDisplay"]?.boolValue == true {
            arguments.append(try Argument(argument))
        }
        subcommands = []
        for command in json["subcommands"]?.arrayValue ?? [] where command["shouldDisplay"]?.boolValue == true {
            subcommands.append(try CommandDeclaration(command))
        }
    }
}

extension CommandDeclaration.Argument {
    init(_ json: JSONValue) throws(UnknownDeclaration) {
        guard let kind = json["kind"]?.stringValue.flatMap(Kind.init) else { throw UnknownDeclaration(member: "kind") }
        guard let valueName = json["valueName"]?.stringValue else { throw UnknownDeclaration(member: "valueName") }
        self.kind = kind
        self.valueName = valueName
        names = []
        for name in json["names"]?.arrayValue ?? [] {
            guard let text = name["name"]?.stringValue, let kind = name["kind"]?.stringValue else {
                throw UnknownDeclaration(member: "names")
            }
            names.append((kind == "long" ? "--" : "-") + text)
        }
        // Short ones first, as manual pages have them.
        names.sort { !$0.hasPrefix("--") && $1.hasPrefix("--") }
        abstract = json["abstract"]?.stringValue ?? ""
        standard = json["defaultValue"]?.stringValue
        isOptional = json["isOptional"]?.boolValue ?? false
        isRepeating = json["isRepeating"]?.boolValue ?? false
    }
}
