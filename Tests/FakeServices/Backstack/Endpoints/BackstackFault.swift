import SessionProtocol

/// An answer of the service that is no success.
struct BackstackFault: Error {
    var status: Int
    /// `user`, `codebase` or `system`.
    var type: String
    var message = "An error occurred."
    var fields: [String: JSONValue] = [:]
    var developerMessage: String
    /// Members of the error that are put over the usual ones; null takes one away.
    var details: [String: JSONValue] = [:]

    /// With what the status stands for.
    init(_ status: Int, _ developerMessage: String? = nil) {
        self.status = status
        let (type, meaning) =
            switch status {
            case 400: ("user", "bad request")
            case 401: ("codebase", "invalid API initialization")
            case 403: ("codebase", "the key lacks permission")
            case 404: ("codebase", "unknown resource")
            case 429: ("system", "too many requests")
            default: ("system", "internal error")
            }
        self.type = type
        self.developerMessage = developerMessage ?? meaning
    }

    static var unknownResource: BackstackFault { BackstackFault(404) }

    /// What the user has done wrong.
    static func user(_ message: String, _ fields: [String: JSONValue] = [:], status: Int = 400) -> BackstackFault {
        var fault = BackstackFault(status, "see the message")
        fault.type = "user"
        fault.message = message
        fault.fields = fields
        return fault
    }

    func answer(to request: FakeRequest, _ choices: FakeBackstackChoices, appID: String) -> FakeAnswer {
        var error: [String: JSONValue] = [
            "request_method": .string(request.verb.lowercased()), "type": .string(type),
            "code": .integer(Int64(status)), "fields": fields.isEmpty ? [] : .object(fields),
            "dev_message": .string(developerMessage),
        ]
        switch choices.generation {
        case .bare:
            error["message"] = .string(message)
            error.overlay(details)
            return .json(["error": .object(error)], status: status)
        case .enveloped:
            error["app_id"] = .string(appID)
            error.overlay(details)
            return .json(
                ["success": false, "message": .string(message), "payload": .object(error)], status: status)
        }
    }
}
