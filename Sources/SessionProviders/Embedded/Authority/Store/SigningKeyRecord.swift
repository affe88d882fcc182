/// The row of `signingKey`.
enum SigningKeyRecord {
    /// The signer of the stored key, which is made where there is none yet.
    static func signer(issuer: String, in db: Database) throws -> SessionSigner {
        if let stored: [UInt8] = try db.value("SELECT privateKey FROM signingKey") {
            guard let signer = SessionSigner(privateKey: stored, issuer: issuer) else {
                throw AuthorityError.unusable(.corrupt)
            }
            return signer
        }
        let key = SessionSigner.makePrivateKey()
        try db.execute("INSERT INTO signingKey (id, privateKey) VALUES (1, ?)", Array(key))
        guard let signer = SessionSigner(privateKey: key, issuer: issuer) else { throw AuthorityError.unavailable }
        return signer
    }
}
