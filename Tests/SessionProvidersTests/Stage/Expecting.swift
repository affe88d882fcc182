import SessionCore
import SessionProtocol
import Testing

/// The error of a call that must fail; nil where it succeeds.
func failure(of call: () async throws -> some Any) async -> KeeperError? {
    do {
        _ = try await call()
        return nil
    } catch {
        return error as? KeeperError
    }
}

/// Expects a call to fail with this error.
func expectFailure(
    _ expected: KeeperError, sourceLocation: SourceLocation = #_sourceLocation,
    of call: () async throws -> some Any
) async {
    let error = await failure(of: call)
    #expect(error == expected, sourceLocation: sourceLocation)
}

extension ObjectInfo {
    /// nil where there is none.
    var value: JSONValue? {
        guard case .available(let value, _) = self else { return nil }
        return value
    }

    /// When the provider has confirmed it; nil where it has not, or there is none.
    var validatedAt: Int64? {
        guard case .available(_, let lastValidatedAt) = self else { return nil }
        return lastValidatedAt
    }
}
