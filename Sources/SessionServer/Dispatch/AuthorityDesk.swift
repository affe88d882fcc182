import Dispatch
import SessionCore
import SessionProtocol

/// Where administration of the embedded authority is carried out: on a thread of its own, as it waits for SQLite.
struct AuthorityDesk: Sendable {
    let administration: any AuthorityAdministration
    let queue: DispatchQueue

    /// Runs a call that blocks.
    func blocking(
        _ run: @escaping @Sendable (any AuthorityAdministration) throws(AdministrationError) -> JSONValue
    ) async -> Answer {
        let administration = administration
        return await withCheckedContinuation { continuation in
            queue.async {
                let answer: Answer
                do throws(AdministrationError) { answer = .result(try run(administration)) } catch {
                    answer = .failed(.administration(error))
                }
                continuation.resume(returning: answer)
            }
        }
    }
}
