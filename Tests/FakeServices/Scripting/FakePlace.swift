package import SessionProtocol

extension FakeAnswer {
    /// The body, where it is JSON.
    package var json: JSONValue? { try? JSONValue.parse(body) }
}

/// Places inside a JSON value: the names on the way to it, or the index where an array is on the way.
extension JSONValue {
    static func steps(_ place: String) -> [String] {
        place.split(separator: ".").map(String.init)
    }

    /// The value at a place as `session.userAgent.ua` or `0.token`.
    package func value(at place: String) -> JSONValue? {
        value(at: Self.steps(place))
    }

    func value(at steps: [String]) -> JSONValue? {
        steps.reduce(self) { value, step in
            guard let elements = value?.arrayValue else { return value?[step] }
            return Int(step).flatMap { elements.indices.contains($0) ? elements[$0] : nil }
        }
    }

    /// The same with another value at a place. nil removes what is there.
    func placing(_ value: JSONValue?, at steps: ArraySlice<String>) -> JSONValue {
        guard let step = steps.first else { return value ?? .null }
        let isLast = steps.count == 1
        if var elements = arrayValue, let index = Int(step), elements.indices.contains(index) {
            if isLast, value == nil {
                elements.remove(at: index)
            } else {
                elements[index] = elements[index].placing(value, at: steps.dropFirst())
            }
            return .array(elements)
        }
        var members = objectValue ?? [:]
        members[step] = isLast ? value : (members[step] ?? [:]).placing(value, at: steps.dropFirst())
        return .object(members)
    }
}

extension [String: JSONValue] {
    /// Puts members over those that are there; null takes one away.
    mutating func overlay(_ details: [String: JSONValue]) {
        for (name, value) in details {
            if value == .null { removeValue(forKey: name) } else { self[name] = value }
        }
    }
}
