import CLinux
import Glibc
import NIOSSL
import Synchronization

/// What certificates are checked against: the system's authorities, and those of a `caFile`.
///
/// A `caFile` is read when it is first needed, again when it has changed, and again after each failure, so that an
/// administrator can mend it while the daemon runs. The system's authorities are read once for each set.
final class TrustStore: Sendable {
    private struct Read {
        var identity: FileIdentity
        var configuration: TLSConfiguration
    }

    private let read = Mutex<[String: Read]>([:])

    /// Throws `.untrusted` where the file cannot be read or holds no certificate: what it would have added to the trust is
    /// not known, so the service is not asked at all.
    func configuration(caFile: String?) throws(UpstreamFailure) -> TLSConfiguration {
        guard let caFile else { return Self.configuration(additional: []) }
        guard let identity = FileIdentity(path: caFile) else { throw .untrusted }
        if let known = read.withLock({ $0[caFile] }), known.identity == identity { return known.configuration }
        guard let (identity, bytes) = FileIdentity.contents(path: caFile),
            let certificates = try? NIOSSLCertificate.fromPEMBytes(bytes), !certificates.isEmpty
        else { throw .untrusted }
        let configuration = Self.configuration(additional: certificates)
        read.withLock { $0[caFile] = Read(identity: identity, configuration: configuration) }
        return configuration
    }

    private static func configuration(additional: [NIOSSLCertificate]) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.certificateVerification = .fullVerification
        configuration.trustRoots = .default
        configuration.additionalTrustRoots = additional.isEmpty ? [] : [.certificates(additional)]
        return configuration
    }
}

/// What changes when a file is written or replaced.
private struct FileIdentity: Equatable {
    static let largest = 8 << 20

    private let device: UInt64
    private let number: UInt64
    private let size: Int64
    private let modified: Int64
    private let changed: Int64

    /// nil where there is no such regular file.
    init?(path: String) {
        var file = cl_file()
        guard cl_file_at(path, &file) == 0 else { return nil }
        self.init(file)
    }

    private init?(_ file: cl_file) {
        guard file.is_regular != 0 else { return nil }
        device = file.device
        number = file.number
        size = file.size
        modified = file.modified
        changed = file.changed
    }

    /// The file's bytes and the identity that it had before they were read, so that a change meanwhile shows next time.
    static func contents(path: String) -> (FileIdentity, [UInt8])? {
        // Non-blocking: a FIFO in the file's place would hold the caller until somebody opens its other end.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var file = cl_file()
        guard cl_file_of(descriptor, &file) == 0, let identity = FileIdentity(file), identity.size <= largest else {
            return nil
        }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count <= largest {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count == 0 { return (identity, bytes) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return nil }
            bytes += chunk.prefix(count)
        }
        return nil
    }
}
