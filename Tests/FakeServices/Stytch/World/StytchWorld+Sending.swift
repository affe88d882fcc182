import SessionProtocol

extension StytchWorld {
    mutating func send(
        _ channel: FakeStytchCode.Channel, to address: String, methodID: String, owner: String?, expiresAt: Int64
    ) {
        codes.append(
            FakeStytchCode(
                channel: channel, address: address, code: ids.code(), methodID: methodID, ownerID: owner,
                expiresAt: expiresAt))
    }

    /// Uses a code up: only the newest one of a destination counts.
    mutating func take(
        _ code: String, at now: Int64, where isMeant: (FakeStytchCode) -> Bool
    ) -> FakeStytchCode? {
        guard let index = codes.lastIndex(where: isMeant), codes[index].code == code, !codes[index].isUsed,
            codes[index].expiresAt > now
        else { return nil }
        codes[index].isUsed = true
        return codes[index]
    }

    mutating func sendLink(to address: String, methodID: String, owner: String?, challenge: String?, now: Int64) {
        links.append(
            FakeStytchLink(
                address: address, token: ids.token(), methodID: methodID, ownerID: owner, challenge: challenge,
                expiresAt: now + 60 * 60_000))
    }
}
