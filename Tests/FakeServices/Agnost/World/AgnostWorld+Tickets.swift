extension AgnostWorld {
    /// Hands out a key; a code replaces nothing that went to the same phone before.
    @discardableResult
    mutating func issue(
        _ kind: AgnostTicket.Kind, to address: String, _ action: AgnostTicket.Action, _ userID: String,
        redirect: String? = nil, expiresAt: Int64
    ) -> String {
        let key: String
        switch kind {
        case .grant: key = "at-" + ids.alphanumerics(36)
        case .link: key = "tk-" + ids.alphanumerics(36)
        case .code: key = ids.digits(6)
        }
        tickets.append(
            AgnostTicket(
                kind: kind, key: key, address: address, action: action, userID: userID, redirect: redirect,
                expiresAt: expiresAt))
        return key
    }

    func ticket(
        _ key: String, _ kind: AgnostTicket.Kind, at now: Int64, where fits: (AgnostTicket) -> Bool = { _ in true }
    ) -> AgnostTicket? {
        tickets.last { $0.kind == kind && $0.key == key && $0.expiresAt > now && fits($0) }
    }

    mutating func drop(_ ticket: AgnostTicket) {
        tickets.removeAll { $0.kind == ticket.kind && $0.key == ticket.key && $0.address == ticket.address }
    }

    mutating func take(
        _ key: String, _ kind: AgnostTicket.Kind, at now: Int64, where fits: (AgnostTicket) -> Bool
    ) -> AgnostTicket? {
        guard let found = ticket(key, kind, at: now, where: fits) else { return nil }
        drop(found)
        return found
    }
}
