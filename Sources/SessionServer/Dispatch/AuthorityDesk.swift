import NIOPosix
import SessionCore
import SessionProtocol

/// Where administration of the embedded authority is carried out: on a thread of its own, as it waits for SQLite.
struct AuthorityDesk: Sendable {
    let administration: any AuthorityAdministration
    let pool: NIOThreadPool

    /// Runs a call that blocks.
    func blocking(
        _ run: @escaping @Sendable (any AuthorityAdministration) throws(AdministrationError) -> JSONValue
    ) async -> Answer {
        let administration = administration
        do {
            return try await pool.runIfActive { () -> Answer in
                do throws(AdministrationError) { return .result(try run(administration)) } catch {
                    return .failed(.administration(error))
                }
            }
        } catch {
            // The pool only refuses after the server has stopped.
            return .failed(.shuttingDown)
        }
    }
}
