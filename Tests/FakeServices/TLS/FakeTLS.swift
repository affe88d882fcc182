import NIOSSL

/// What a fake service shows in a TLS handshake: PEM texts.
package struct FakeTLS: Sendable {
    package var certificate: String
    package var key: String
    /// false: a service that speaks nothing newer than TLS 1.1.
    package var speaksModernTLS = true

    package init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }

    func context() throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(certificate.utf8)).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem)))
        if !speaksModernTLS {
            configuration.minimumTLSVersion = .tlsv1
            configuration.maximumTLSVersion = .tlsv11
        }
        return try NIOSSLContext(configuration: configuration)
    }
}
