/// All that the server and `rpc.discover` know about a method before it runs.
package struct MethodDescriptor: Sendable {
    package let method: Method
    package let summary: String
    /// nil: anyone who can connect.
    package let needs: Permission?
    package let traits: Traits
    /// The method's own params; `allParams` has those that its traits add.
    package let params: [MethodParam]
    /// JSON Schema of the result.
    package let result: JSONValue
    /// Members of the result that are credentials, as dotted paths.
    package let sensitiveResults: [String]
    package let allParams: [MethodParam]

    /// What a method has in common with others.
    package struct Traits: OptionSet, Sendable {
        package let rawValue: Int
        package init(rawValue: Int) { self.rawValue = rawValue }

        /// Concerns one profile: takes `profile`, and the permission is asked for that profile.
        package static let profile = Traits(rawValue: 1)
        /// May talk to the provider or wait: takes `timeoutMs`.
        package static let timeout = Traits(rawValue: 2)
        /// Changes something: refused while the daemon stops, carried to its end once started.
        package static let change = Traits(rawValue: 4)
        /// Takes `expect`, compare and set.
        package static let expect = Traits(rawValue: 8)
        /// Takes the fields of a sign-in step, which the provider names.
        package static let fields = Traits(rawValue: 16)
        /// Takes any params.
        package static let anyParams = Traits(rawValue: 32)
    }

    package init(
        _ method: Method, needs: Permission?, _ traits: Traits, params: [MethodParam] = [], result: JSONValue,
        sensitiveResults: [String] = [], _ summary: String
    ) {
        self.method = method
        self.summary = summary
        self.needs = needs
        self.traits = traits
        self.params = params
        self.result = result
        self.sensitiveResults = sensitiveResults
        var all = params
        if traits.contains(.profile) { all.append(Self.profileParam) }
        if traits.contains(.timeout) { all.append(Self.timeoutParam) }
        if traits.contains(.expect) { all.append(Self.expectParam) }
        self.allParams = all
    }

    /// The longest time that a caller may ask to wait.
    package static let maxTimeoutMs: Int64 = 86_400_000

    private static let profileParam = MethodParam("profile", .name, "The profile; the default profile where left out.")
    private static let timeoutParam = MethodParam(
        "timeoutMs", .integer(1...maxTimeoutMs),
        "Answer deadlineExceeded after so long. A change that has started goes on.")
    private static let expectParam = MethodParam(
        "expect",
        .object([
            MethodParam("instance", .name, "The daemon process that told the revision."),
            MethodParam("revision", .revision, required: true, "The revision that the caller believes current."),
        ]), "Refuse with conflict where the profile has changed since.")

    /// Throws before any side effect where params are unknown, missing or of another type. Returns the members that
    /// are left to the provider's own check: sign-in fields, or everything where any params are taken.
    package func check(_ values: [String: JSONValue]) throws(RPCError) -> [String: JSONValue] {
        if traits.contains(.anyParams) { return values }
        guard traits.contains(.fields) else {
            try ParamType.check(values, against: allParams)
            return [:]
        }
        let names = Set(allParams.map(\.name))
        try ParamType.check(values.filter { names.contains($0.key) }, against: allParams)
        return values.filter { !names.contains($0.key) }
    }
}

extension MethodDescriptor {
    /// The dispatch table, in the order in which `rpc.discover` shows it.
    package static let all: [MethodDescriptor] = server + session + objects + watching + authority

    /// The dispatch table by wire name.
    package static let named = Dictionary(
        all.map { ($0.method.rawValue, $0) }, uniquingKeysWith: { first, _ in first })
}
