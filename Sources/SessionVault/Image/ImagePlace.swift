/// Where an image outlives the process: the service manager, which keeps it for the next one.
///
/// Calls may block on the manager. One at a time.
package protocol ImagePlace: Sendable {
    /// Puts an image in the place of the last one and of those that were retired. Throws why it could not, in words;
    /// the last one is then to go as well, as it is older than what callers are told.
    func replace(with image: [UInt8]) throws(ImageNotKept)
    /// What was offered under this name goes once there is a newer image.
    func retire(_ name: String)
    /// What was offered under this name goes now.
    func discard(_ name: String)
}

/// Why an image is not kept.
package struct ImageNotKept: Error, Sendable, Hashable {
    package let why: String

    package init(_ why: String) { self.why = why }
}

/// What the last process has left.
package struct OfferedImage: Sendable, Hashable {
    package let name: String
    package let bytes: [UInt8]

    package init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }

    /// The largest that can be one, in bytes.
    package static let limit = EnvelopeHeader.Kind.image.fileLimit
}
