import FoundationEssentials
import JWTKit
import SessionCore
import SessionProtocol
import Testing

@testable import SessionProviders

@Suite("Session JWTs")
struct SessionJWTTests {
    let fixture = AuthorityFixture()

    /// What a local service does: it has the published keys and nothing else.
    private func verify(
        _ session: ProviderSession, with keys: [JSONValue]
    ) async throws -> SessionSigner.Claims {
        let published = String(decoding: JSONValue.object(["keys": .array(keys)]).encoded, as: UTF8.self)
        let collection = try await JWTKeyCollection().add(jwksJSON: published)
        return try await collection.verify(try #require(session.tokens.sessionJwt).reveal())
    }

    private func header(of session: ProviderSession) throws -> [String: String] {
        let jwt = try #require(session.tokens.sessionJwt).reveal()
        var text = String(try #require(jwt.split(separator: ".").first))
        text = text.replacing("-", with: "+").replacing("_", with: "/")
        text += String(repeating: "=", count: (4 - text.count % 4) % 4)
        return try JSONDecoder().decode([String: String].self, from: try #require(Data(base64Encoded: text)))
    }

    @Test("a JWT verifies against the published keys and has the claims of the protocol")
    func verifies() async throws {
        let user = try await fixture.addUser()
        let session = try await fixture.signIn(minutes: 60)
        let keys = try fixture.authority.jwks()
        let claims = try await verify(session, with: keys)
        #expect(claims.iss == "sessiond")
        #expect(claims.sub == user["id"]?.stringValue)
        #expect(claims.sid == session.sessionID)
        #expect(claims.iat == AuthorityFixture.start / 1000)
        #expect(claims.nbf == claims.iat)
        #expect(claims.exp == claims.iat + 300)
        #expect(session.tokens.jwtExpiresAt == claims.exp * 1000)
        let header = try header(of: session)
        #expect(header["alg"] == "ES256")
        #expect(header["kid"] == keys.first?["kid"]?.stringValue)
    }

    @Test("the published key has no private part")
    func published() throws {
        let key = try #require(try fixture.authority.jwks().first?.objectValue)
        #expect(Set(key.keys) == ["kty", "crv", "x", "y", "kid", "alg", "use"])
        #expect(key["kty"] == "EC" && key["crv"] == "P-256" && key["alg"] == "ES256" && key["use"] == "sig")
        #expect(key["x"]?.stringValue?.count == 43 && key["y"]?.stringValue?.count == 43)
    }

    @Test("another authority's key does not verify it")
    func otherKey() async throws {
        try await fixture.addUser()
        let session = try await fixture.signIn()
        let other = AuthorityFixture()
        var key = try #require(try other.authority.jwks().first?.objectValue)
        key["kid"] = try fixture.authority.jwks().first?["kid"]
        await #expect(throws: (any Error).self) { _ = try await verify(session, with: [.object(key)]) }
    }

    @Test("a JWT ends no later than its session")
    func sessionEnd() async throws {
        try await fixture.addUser()
        let session = try await fixture.signIn(minutes: 5)
        fixture.time.advance(minutes: 3)
        let renewed = try #require(await fixture.provider.validate(session).session)
        let claims = try await verify(renewed, with: try fixture.authority.jwks())
        #expect(claims.exp == (AuthorityFixture.start + 300_000) / 1000)
        #expect(try #require(renewed.tokens.jwtExpiresAt) <= AuthorityFixture.start + 300_000)
    }

    @Test("every validation and every extension brings a JWT with its full time")
    func renewal() async throws {
        try await fixture.addUser()
        var session = try await fixture.signIn(minutes: 60)
        for _ in 0..<3 {
            fixture.time.advance(ms: 1500)
            let before = session.tokens.jwtExpiresAt
            session = try #require(await fixture.provider.validate(session).session)
            #expect(session.tokens.jwtExpiresAt == (fixture.time.now / 1000 + 300) * 1000)
            #expect(session.tokens.jwtExpiresAt != before)
        }
        fixture.time.advance(minutes: 2)
        session = try #require(
            await fixture.provider.change(.extend(minutes: 60), session: session).session)
        #expect(session.tokens.jwtExpiresAt == (fixture.time.now / 1000 + 300) * 1000)
    }

    @Test("the key, and so every JWT, survives a restart")
    func restart() async throws {
        try await fixture.addUser()
        let session = try await fixture.signIn()
        let restarted = AuthorityFixture(folder: fixture.folder, time: fixture.time)
        #expect(try restarted.authority.jwks() == fixture.authority.jwks())
        _ = try await verify(session, with: try restarted.authority.jwks())
    }

    @Test("headers carry the JWT, else the session token, else nothing")
    func headers() throws {
        let provider = fixture.provider
        let (jwt, token) = (Secret("j"), Secret("t"))
        func authorization(_ tokens: TokenSet) -> [String: String]? {
            provider.headers(for: ProviderSession(tokens: tokens))?.mapValues { $0.reveal() }
        }
        #expect(
            authorization(TokenSet(sessionToken: token, sessionJwt: jwt)) == ["Authorization": "Bearer j"])
        #expect(authorization(TokenSet(sessionToken: token)) == ["Authorization": "Bearer t"])
        #expect(authorization(TokenSet()) == [:])
    }
}
