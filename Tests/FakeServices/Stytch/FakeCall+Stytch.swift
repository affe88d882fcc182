package import SessionProtocol

/// What hides in the headers of a call.
extension FakeCall {
    /// Of the Basic authorization: the public token or the project id.
    package var user: String? { StytchBasic.read(headers["authorization"])?.user }

    /// Of the Basic authorization: the session token, the public token once more, or the secret.
    package var password: String? { StytchBasic.read(headers["authorization"])?.password }

    /// What `X-SDK-Client` holds; nil where it cannot be read.
    package var client: JSONValue? { StytchBasic.client(headers["x-sdk-client"]) }

    /// The session token of an SDK call, nil where the public token stands for it.
    package var sessionToken: String? { password == user ? nil : password }
}
