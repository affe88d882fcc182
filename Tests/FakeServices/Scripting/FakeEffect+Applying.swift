import SessionProtocol

extension FakeEffect {
    /// The answer that is given without asking the service.
    func instead(of service: some FakeService, to request: FakeRequest) -> FakeAnswer? {
        switch self {
        case .all(let effects):
            for effect in effects {
                if let answer = effect.instead(of: service, to: request) { return answer }
            }
            return nil
        case .hang: return FakeAnswer(manner: .hang)
        case .drop: return FakeAnswer(manner: .drop)
        case .error(let code, let status, let details):
            return service.refusal(code, status: status, details: details, to: request)
        case .html(let status):
            let page = "<!DOCTYPE html><html><body>Please stand by</body></html>"
            return .text(page, type: "text/html", status: status)
        case .text(let text, let type, let status): return .text(text, type: type, status: status)
        case .json(let value, let status): return .json(value, status: status)
        case .redirect(let target): return FakeAnswer(status: 302, headers: ["location": target])
        case .empty(let status): return FakeAnswer(status: status, headers: ["content-type": "application/json"])
        default: return nil
        }
    }

    /// The answer as the client gets it.
    func changing(_ answer: FakeAnswer, of service: some FakeService) -> FakeAnswer {
        var answer = answer
        switch self {
        case .all(let effects): for effect in effects { answer = effect.changing(answer, of: service) }
        case .lost: answer.manner = .drop
        case .truncated(let count): answer.manner = .truncated(after: count)
        case .held: answer.manner = .held
        case .header(let name, let value): answer.headers[name.lowercased()] = value
        case .withoutHeader(let name): answer.headers[name.lowercased()] = nil
        case .withoutEnvelope:
            if let json = answer.json, let payload = json.value(at: service.payloadPlace(in: json)) {
                answer.body = payload.encoded
            }
        case .set(let place, let value): answer.place(value, at: place, of: service)
        case .remove(let place): answer.place(nil, at: place, of: service)
        case .respelled(let spelling): if let json = answer.json { answer.body = json.respelled(spelling).encoded }
        case .padded(let bytes):
            answer.place(.string(String(repeating: "x", count: bytes)), at: "padding", of: service)
        default: break
        }
        return answer
    }
}

extension FakeAnswer {
    fileprivate mutating func place(_ value: JSONValue?, at place: String, of service: some FakeService) {
        guard let json else { return }
        let steps = service.payloadPlace(in: json) + JSONValue.steps(place)
        body = json.placing(value, at: steps[...]).encoded
    }
}

extension JSONValue {
    fileprivate func respelled(_ spelling: (String) -> String?) -> JSONValue {
        switch self {
        case .string(let text): .string(spelling(text) ?? text)
        case .array(let elements): .array(elements.map { $0.respelled(spelling) })
        case .object(let members): .object(members.mapValues { $0.respelled(spelling) })
        default: self
        }
    }
}
