import FoundationEssentials
import GRDB

/// The row of `signingKey`.
enum SigningKeyRecord {
    /// The signer of the stored key, which is made where there is none yet.
    static func signer(issuer: String, in db: Database) throws -> SessionSigner {
        if let stored = try Data.fetchOne(db, sql: "SELECT privateKey FROM signingKey") {
            guard let signer = SessionSigner(privateKey: Array(stored), issuer: issuer) else {
                throw AuthorityError.unusable(.corrupt)
            }
            return signer
        }
        let key = SessionSigner.makePrivateKey()
        try db.execute(sql: "INSERT INTO signingKey (id, privateKey) VALUES (1, ?)", arguments: [Data(key)])
        guard let signer = SessionSigner(privateKey: key, issuer: issuer) else { throw AuthorityError.unavailable }
        return signer
    }
}
