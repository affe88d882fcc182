import AsyncHTTPClient
import NIOCore
import NIOSSL

extension UpstreamFailure {
    /// What an error of the client's, of its sockets' or of TLS' means to an adapter.
    init(_ error: any Error) {
        switch error {
        case let failure as UpstreamFailure: self = failure
        case let error as HTTPClientError where error.isOfTheRequest: self = .unsendable
        default: self = Self.isOfTrust(error) ? .untrusted : .unreachable
        }
    }

    /// Whether the service's certificate was refused, and not merely the handshake cut short: no common version, a
    /// captive portal that speaks no TLS and a connection that ends are `.unreachable`.
    private static func isOfTrust(_ error: any Error) -> Bool {
        switch error {
        case NIOSSLError.unableToValidateCertificate, NIOSSLError.noCertificateToValidate,
            NIOSSLError.cannotMatchULabel, NIOSSLError.cannotFindPeerIP, NIOSSLError.failedToLoadCertificate,
            NIOSSLError.noSuchFilesystemObject:
            true
        case let error as NIOSSLExtraError:
            error == .failedToValidateHostname || error == .serverHostnameImpossibleToMatch
        case NIOSSLError.handshakeFailed(.sslError(let stack)):
            // The stack's entries have no public code; their text is OpenSSL's name of the reason, which BoringSSL keeps.
            stack.contains { "\($0)".contains("CERTIFICATE_VERIFY_FAILED") }
        default:
            false
        }
    }
}

extension HTTPClientError {
    /// Whether the client refused to send: a URL that is none.
    fileprivate var isOfTheRequest: Bool {
        [.invalidURL, .emptyHost, .emptyScheme].contains(self)
    }
}
