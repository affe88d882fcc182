import SessionCore
import SessionProtocol
import SessionProviders
import Testing

@Suite("Access grammar")
struct AccessGrammarTests {
    static let access: JSONValue = ["reports": "cr", "empty": "", "star": "*", "odd": 7, "ÅØ": "u", "": "r"]

    @Test(
        "a requirement holds exactly where the grammar says",
        arguments: [
            ("*", true),
            ("", false),
            ("unknown,unknown:r", false),
            ("reports", true),
            ("reports:*", true),
            ("reports:c", true),
            ("reports:r", true),
            ("reports:u", false),
            ("reports:ud", false),
            ("reports:ur", true),
            ("reports:R", false),
            ("Reports:r", false),
            ("reports:", false),
            ("reports::r", false),
            ("reports:r:u", true),
            ("reports:u:r", false),
            ("reports:*:u", true),
            ("reports:*u", false),
            ("reports:*r", true),
            ("empty", true),
            ("empty:*", true),
            ("empty:r", false),
            ("star", true),
            ("star:*", true),
            ("star:c", false),
            ("odd", true),
            ("odd:r", false),
            ("unknown", false),
            ("unknown:*", false),
            (":r", true),
            (":", false),
            ("*:r", false),
            ("unknown,reports:r", true),
            ("unknown:r,reports:u", false),
            ("unknown,*", true),
            ("unknown, *", false),
            ("unknown, reports", false),
            (" reports", false),
            ("reports ,unknown", false),
            ("reports:u,reports:c", true),
            (",reports", true),
            ("ÅØ:u", true),
            ("reports:\u{301}r", true),
            ("unknown,\u{301}reports:r", false),
            ("unknown\u{301},reports:r", true),
            ("reports:u\u{301}c", true),
        ])
    func requirement(_ text: String, _ isAllowed: Bool) {
        #expect(AccessGrammar(access: Self.access).allows(.requirement(text)) == isAllowed)
    }

    @Test(
        "an action on a resource is one part, whatever is in it",
        arguments: [
            ("r", "reports", true), ("u", "reports", false), ("*", "reports", true), ("", "reports", false),
            ("r", "unknown", false), ("*", "*", false), ("r,*", "unknown", false), ("r", "unknown,*", false),
            ("cu", "reports", true), ("u", "reports:r", true),
        ])
    func action(_ action: String, _ resource: String, _ isAllowed: Bool) {
        #expect(AccessGrammar(access: Self.access).allows(.action(action, resource: resource)) == isAllowed)
    }

    @Test(
        "without an access map nothing but * is granted",
        arguments: [nil, .null, [], "reports", [:]] as [JSONValue?])
    func signedOut(_ access: JSONValue?) {
        let grammar = AccessGrammar(access: access)
        #expect(grammar.allows(.requirement("*")))
        #expect(grammar.allows(.requirement("a,*")))
        #expect(!grammar.allows(.requirement("reports")))
        #expect(!grammar.allows(.action("r", resource: "reports")))
    }
}
