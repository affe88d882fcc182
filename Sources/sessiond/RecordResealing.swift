import Dispatch
import Logging
import SessionCore
import SessionVault

/// Seals anew what older keys have sealed, beside everything else: after a start and a reload, when an administrator
/// may have rotated the key. What a process that ends leaves undone, the next start does.
final class RecordResealing: Sendable {
    private let vault: SealedFileVault
    private let logger: Logger
    /// One at a time, and on no thread that others wait for: it fsyncs once a record.
    private let queue = DispatchQueue(label: "sessiond.resealing", qos: .utility)

    init(_ vault: SealedFileVault, logger: Logger) {
        self.vault = vault
        self.logger = logger
    }

    func begin() {
        queue.async { [self] in run() }
    }

    private func run() {
        do {
            tell(try vault.resealRecords())
        } catch {
            switch error {
            // The vault has told why.
            case .keyUnavailable: break
            case .storeFailed:
                logger.event(
                    .resealingFailed,
                    "records could not all be sealed anew; the next start or reload goes on with it",
                    metadata: ["why": "\(error)"])
            }
        }
    }

    private func tell(_ report: ResealingReport) {
        if !report.resealed.isEmpty {
            logger.event(
                .recordsResealed,
                "records were sealed anew under the current key",
                metadata: ["key": "\(report.currentKey)", "count": "\(report.resealed.count)"])
        }
        if !report.retired.isEmpty {
            logger.event(
                .keysDropped,
                "older keys that nothing needs were taken out of the key file",
                metadata: ["keys": "\(report.retired.joined(separator: " "))"])
        }
        if !report.untouched.isEmpty {
            logger.event(
                .recordsNotResealed,
                "records could not be sealed anew, as they cannot be opened; sessionctl key list shows their keys",
                metadata: ["profiles": "\(report.untouched.joined(separator: " "))"])
        }
    }
}
