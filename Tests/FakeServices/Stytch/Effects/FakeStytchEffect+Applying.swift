package import SessionProtocol

extension FakeStytchEffect {
    /// The answer that is given without asking the service.
    var instead: FakeAnswer? {
        switch self {
        case .all(let effects): effects.lazy.compactMap(\.instead).first
        case .hang: FakeAnswer(manner: .hang)
        case .drop: FakeAnswer(manner: .drop)
        case .error(let type, let status, let details): Self.answer(type, status, details)
        case .plainTextError(let type):
            FakeAnswer.text(
                String(decoding: Self.answer(type, nil, [:]).body, as: UTF8.self), type: "text/plain",
                status: StytchFault.status(type))
        case .schemaError(let member): StytchFault.missing(member).answer(requestID: "")
        case .oauthError(let code, let status):
            .json(
                [
                    "error": .string(code), "error_description": "Composed by the fake.",
                    "error_uri": "https://stytch.com/docs",
                ], status: status)
        case .captchaRequired: .text("Captcha required", type: "text/plain", status: 403)
        case .tooManyRequests(let retryAfter): Self.throttling(retryAfter)
        case .html(let status):
            .text("<!DOCTYPE html><html><body>Please stand by</body></html>", type: "text/html", status: status)
        case .text(let text, let type, let status): .text(text, type: type, status: status)
        case .json(let value, let status): .json(value, status: status)
        case .redirect(let target): FakeAnswer(status: 302, headers: ["location": target])
        case .empty(let status): FakeAnswer(status: status, headers: ["content-type": "application/json"])
        default: nil
        }
    }

    /// The answer as the client gets it.
    func changing(_ answer: FakeAnswer) -> FakeAnswer {
        var answer = answer
        switch self {
        case .all(let effects): for effect in effects { answer = effect.changing(answer) }
        case .lost: answer.manner = .drop
        case .truncated(let count): answer.manner = .truncated(after: count)
        case .held: answer.manner = .held
        case .header(let name, let value): answer.headers[name] = value
        case .withoutEnvelope:
            if let data = answer.jsonBody?["data"] { answer.body = data.encoded }
        case .set(let path, let value): answer.body = answer.changed(path, to: value)
        case .remove(let path): answer.body = answer.changed(path, to: nil)
        case .emptyTokens:
            answer.body = answer.changed("session_token", to: "")
            answer.body = answer.changed("session_jwt", to: "")
        case .fractionDigits(let digits):
            if let json = answer.jsonBody { answer.body = json.respelled(digits: digits).encoded }
        case .padded(let bytes):
            answer.body = answer.changed("padding", to: .string(String(repeating: "x", count: bytes)))
        default: break
        }
        return answer
    }

    private static func answer(_ type: String, _ status: Int?, _ details: [String: JSONValue]) -> FakeAnswer {
        let status = status ?? StytchFault.status(type)
        var answer = StytchFault.error(type, status: status, message: "Scripted.").answer(
            requestID: "request-id-test-scripted")
        for (name, value) in details {
            answer.body = answer.changed(name, to: value == .null ? JSONValue?.none : value)
        }
        return answer
    }

    private static func throttling(_ retryAfter: String?) -> FakeAnswer {
        var answer = answer("too_many_requests", nil, [:])
        if let retryAfter { answer.headers["retry-after"] = retryAfter }
        return answer
    }
}

extension FakeAnswer {
    /// The body, where it is JSON.
    package var jsonBody: JSONValue? { try? JSONValue.parse(body) }

    /// The body with another value at a path below `data`, or below the top where there is no envelope. nil removes.
    fileprivate func changed(_ path: String, to value: JSONValue?) -> [UInt8] {
        guard let json = jsonBody else { return body }
        let steps = path.split(separator: ".").map(String.init)
        return json.setting(json["data"] == nil ? steps[...] : (["data"] + steps)[...], value).encoded
    }
}

extension JSONValue {
    fileprivate func setting(_ path: ArraySlice<String>, _ value: JSONValue?) -> JSONValue {
        guard let name = path.first else { return value ?? .null }
        if var elements = arrayValue, let index = Int(name), elements.indices.contains(index) {
            if path.count == 1, value == nil {
                elements.remove(at: index)
            } else {
                elements[index] = elements[index].setting(path.dropFirst(), value)
            }
            return .array(elements)
        }
        var members = objectValue ?? [:]
        if path.count == 1 {
            members[name] = value
        } else {
            members[name] = (members[name] ?? [:]).setting(path.dropFirst(), value)
        }
        return .object(members)
    }

    fileprivate func respelled(digits: Int) -> JSONValue {
        switch self {
        case .string(let text): .string(StytchTime.respelled(text, digits: digits) ?? text)
        case .array(let elements): .array(elements.map { $0.respelled(digits: digits) })
        case .object(let members): .object(members.mapValues { $0.respelled(digits: digits) })
        default: self
        }
    }
}
