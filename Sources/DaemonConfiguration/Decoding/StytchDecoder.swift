extension FieldReader {
    /// Keys and their meaning: docs/configuration.md, "Stytch".
    mutating func stytch(_ section: Section) -> StytchSettings? {
        let publicToken = section["publicToken"].flatMap {
            stytchName($0, kind: "public-token", called: "public token")
        }
        let projectID = section["projectID"].flatMap { stytchName($0, kind: "project", called: "project id") }
        let appIdentifier = section["appIdentifier"].flatMap { self.appIdentifier($0) }
        let secret = section["secret"].flatMap { self.secret($0) }
        if let field = section["projectID"], let projectID, let publicToken, projectID.isLive != publicToken.isLive {
            report(
                field, "belongs to a \(projectID.kind) project, and publicToken to a \(publicToken.kind) one",
                remedy: "take both from the same project")
        }
        switch (section["projectID"], section["secret"]) {
        case (nil, let field?):
            report(field, "without projectID it has no effect", remedy: "add projectID:, or delete secret")
            return nil
        case (_?, _?):
            for field in [section["publicToken"], section["appIdentifier"]] {
                guard let field else { continue }
                warn(
                    field, "has no effect: with a secret the daemon speaks as the project's own server",
                    remedy: "delete the key, or delete secret")
            }
            guard let projectID, let secret else { return nil }
            return .server(projectID: projectID.text, secret: secret)
        case (_, nil):
            _ = required("publicToken", of: section, example: "public-token-test-…")
            _ = required("appIdentifier", of: section, example: "dev.example.shop")
            guard let publicToken, let appIdentifier else { return nil }
            return .sdk(publicToken: publicToken.text, appIdentifier: appIdentifier, projectID: projectID?.text)
        }
    }

    private struct StytchName {
        var text: String
        var isLive: Bool
        var kind: String { isLive ? "live" : "test" }
    }

    /// `KIND-test-…` or `KIND-live-…`: that word decides which of Stytch's hosts is asked. What follows is Stytch's.
    /// The text is not shown: a secret may have got into the wrong key.
    private mutating func stytchName(_ field: Field, kind: String, called name: String) -> StytchName? {
        guard let text = text(field, example: "\(kind)-test-…") else { return nil }
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        for (prefix, isLive) in [("\(kind)-test-", false), ("\(kind)-live-", true)]
        where isPlain && text.hasPrefix(prefix) && text.utf8.count > prefix.utf8.count {
            return StytchName(text: text, isLive: isLive)
        }
        report(
            field, "not a Stytch \(name)",
            remedy: "copy it from Stytch's dashboard: it begins with \(kind)-test- or \(kind)-live-")
        return nil
    }

    /// Goes into a header, and must be registered with the project letter for letter.
    private mutating func appIdentifier(_ field: Field) -> String? {
        guard let text = text(field, example: "dev.example.shop") else { return nil }
        guard text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            report(
                field, "holds more than printable ASCII characters",
                remedy: "write the identifier that is registered in Stytch's dashboard, like dev.example.shop")
            return nil
        }
        return text
    }
}
