/// The few things the vault asks of the disk, so that tests can refuse any one of them.
///
/// Names are single components inside an open folder: no call follows a link at its last component, and none
/// crosses into another folder behind the caller's back.
protocol FileOperations: Sendable {
    /// Opens a folder by path; links on the way are followed.
    func openFolder(path: String) throws(FileFailure) -> FileDescriptor
    func openFolder(_ name: String, in folder: borrowing FileDescriptor) throws(FileFailure) -> FileDescriptor
    /// Mode 0700.
    func makeFolder(_ name: String, in folder: borrowing FileDescriptor) throws(FileFailure)
    /// For reading, without waiting for the writer of a FIFO.
    func open(_ name: String, in folder: borrowing FileDescriptor) throws(FileFailure) -> FileDescriptor
    /// For writing, mode 0600; fails where the name is taken.
    func create(_ name: String, in folder: borrowing FileDescriptor) throws(FileFailure) -> FileDescriptor
    func status(of file: borrowing FileDescriptor) throws(FileFailure) -> FileStatus
    /// At least one byte, or 0 at the end.
    func read(_ file: borrowing FileDescriptor, into: UnsafeMutableRawBufferPointer) throws(FileFailure) -> Int
    /// How many of the bytes were taken: at least one.
    func write(_ bytes: UnsafeRawBufferPointer, to file: borrowing FileDescriptor) throws(FileFailure) -> Int
    func sync(_ file: borrowing FileDescriptor) throws(FileFailure)
    func setMode(_ mode: UInt32, of file: borrowing FileDescriptor) throws(FileFailure)
    func setOwner(_ owner: UInt32, group: UInt32, of file: borrowing FileDescriptor) throws(FileFailure)
    /// flock(2), for as long as the descriptor is open; false where another has it.
    func lock(_ file: borrowing FileDescriptor) throws(FileFailure) -> Bool
    func rename(_ name: String, to: String, in folder: borrowing FileDescriptor) throws(FileFailure)
    /// EEXIST where `to` is taken.
    func renameNoReplace(_ name: String, to: String, in folder: borrowing FileDescriptor) throws(FileFailure)
    func link(_ name: String, to: String, in folder: borrowing FileDescriptor) throws(FileFailure)
    func unlink(_ name: String, in folder: borrowing FileDescriptor) throws(FileFailure)
    /// The names in a folder, without `.` and `..`, in no order.
    func names(in folder: borrowing FileDescriptor) throws(FileFailure) -> [String]
}

/// What fstat(2) says, as far as the vault asks.
struct FileStatus: Sendable, Hashable {
    enum Kind: Sendable, Hashable { case regular, folder, link, other }

    var kind: Kind
    var owner: UInt32
    var group: UInt32 = 0
    /// The permission bits.
    var mode: UInt32
    var size: Int
    var identity: FileIdentity
}

/// Tells one version of a file from the next: every replacement makes a new inode.
struct FileIdentity: Sendable, Hashable {
    var device: UInt64
    var inode: UInt64
    var size: Int
    var modifiedSeconds: Int
    var modifiedNanoseconds: Int
}
