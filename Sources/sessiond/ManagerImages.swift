import DaemonProcess
import Glibc
import Logging
import SessionCore
import SessionVault
import Systemd

/// The vault's images, kept by the service manager.
struct ManagerImages: ImagePlace {
    private let manager: any ServiceManager
    private let shelf: ImageShelf

    /// nil without a service manager. One that keeps nothing, as `FileDescriptorStoreMax=0` has it, does not tell.
    init?(_ setting: DaemonSetting) {
        guard setting.environment["NOTIFY_SOCKET"]?.isEmpty == false else { return nil }
        manager = setting.manager
        let names = setting.kept.map(\.name).filter(ImageShelf.names.contains)
        shelf = ImageShelf(manager: manager, taken: Set(names))
    }

    /// Reads what was kept, and closes it. The manager lets go of what is no image.
    func inherit(_ kept: [KeptDescriptor], logger: Logger) -> [OfferedImage] {
        kept.compactMap { one in
            defer { close(one.descriptor) }
            guard ImageShelf.names.contains(one.name) else {
                refuse(one, "its name is none of this daemon's", logger)
                do {
                    try manager.letGo(of: one.name)
                } catch {
                    logger.warning("the service manager could not be told", metadata: ["error": "\(error)"])
                }
                return nil
            }
            do {
                return OfferedImage(
                    name: one.name, bytes: try SealedMemory.read(one.descriptor, limit: OfferedImage.limit))
            } catch {
                refuse(one, "\(error)", logger)
                shelf.discard(one.name)
                return nil
            }
        }
    }

    private func refuse(_ kept: KeptDescriptor, _ why: String, _ logger: Logger) {
        logger.event(.imageRefused, "what the service manager kept as \(kept.name) is dropped: \(why)")
    }

    func replace(with image: [UInt8]) throws(ImageNotKept) {
        do {
            try shelf.replace(with: image)
        } catch {
            throw ImageNotKept("\(error)")
        }
    }

    func retire(_ name: String) { shelf.retire(name) }
    func discard(_ name: String) { shelf.discard(name) }
}
