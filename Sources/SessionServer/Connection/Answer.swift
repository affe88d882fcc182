package import SessionProtocol

/// What came of one request.
package enum Answer: Sendable {
    /// A result that is already one whole JSON value.
    case encoded([UInt8])
    case result(JSONValue)
    case failed(RPCError)

    /// The result of a method that has nothing to tell.
    package static let empty = Answer.encoded(Array("{}".utf8))
}

/// An answer with the id that it goes back under; nil is JSON's null.
package struct Reply: Sendable {
    package let id: RequestID?
    package let answer: Answer

    package init(id: RequestID?, answer: Answer) {
        self.id = id
        self.answer = answer
    }
}

/// Names one request of a connection while it is carried out, notifications included.
package struct Ticket: Sendable, Hashable {
    package let number: UInt64

    package init(number: UInt64) { self.number = number }
}
