import FoundationEssentials
import SessionCore
import SessionProtocol

/// A call of Agnost's authentication API.
struct AgnostCall: Sendable {
    var verb: UpstreamRequest.Verb
    /// Behind the prefix's `/auth/`.
    var name: String
    /// Agnost takes grants and codes here and nowhere else.
    var query: [URLQueryItem] = []
    /// nil: the call has no body, and then no content type either.
    var fields: [String: JSONValue]?
    /// In whose name.
    var session: Secret?
    /// Whether it is of no use without the API key.
    var needsKey = true
    /// Whether Agnost may answer it with success and nothing that can be read.
    var mayAnswerNothing = false
    var isRepeatable = false

    /// A nil field is left out.
    static func post(_ name: String, _ fields: [String: JSONValue?]? = nil, session: Secret? = nil) -> AgnostCall {
        AgnostCall(verb: .post, name: name, fields: fields?.compactMapValues { $0 }, session: session)
    }

    static func get(_ name: String, session: Secret) -> AgnostCall {
        AgnostCall(verb: .get, name: name, session: session, isRepeatable: true)
    }

    func asking(_ name: String, _ value: String) -> AgnostCall {
        var call = self
        call.query.append(URLQueryItem(name: name, value: value))
        return call
    }

    var answeringNothing: AgnostCall {
        var call = self
        call.mayAnswerNothing = true
        return call
    }

    /// What the call carries that no error may show.
    var secrets: Set<String> {
        var secrets = Set(query.compactMap(\.value))
        for value in (fields ?? [:]).values { value.addTexts(to: &secrets) }
        if let session { secrets.insert(session.reveal()) }
        return secrets
    }

    /// What follows the prefix. A plus sign is encoded: in a query it would be read as a space.
    var path: String {
        guard !query.isEmpty else { return "/auth/\(name)" }
        var parts = URLComponents()
        parts.queryItems = query
        return "/auth/\(name)?\((parts.percentEncodedQuery ?? "").replacing("+", with: "%2B"))"
    }
}

extension JSONValue {
    /// All texts and numbers in it, however deep.
    fileprivate func addTexts(to texts: inout Set<String>) {
        switch self {
        case .string(let text), .number(let text): texts.insert(text)
        case .integer(let number): texts.insert("\(number)")
        case .array(let elements): for element in elements { element.addTexts(to: &texts) }
        case .object(let members): for member in members.values { member.addTexts(to: &texts) }
        case .null, .bool: break
        }
    }
}
