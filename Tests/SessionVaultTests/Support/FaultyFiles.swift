import Glibc
import Synchronization
import Testing

@testable import SessionVault

/// The real disk, which refuses one operation, or dies at it.
final class FaultyFiles: FileOperations {
    enum Fault: Sendable, Hashable, CustomTestStringConvertible {
        /// The n-th operation answers with this errno, and the disk works again after.
        case refuse(Int32)
        /// Nothing is done from the n-th operation on: the process was killed, or the disk is dead.
        case die

        var testDescription: String {
            switch self {
            case .refuse(let code): "refused once with \(String(cString: strerror(code)))"
            case .die: "dead from there on"
            }
        }
    }

    private let disk = LinuxFiles()
    private let fault: Fault
    private let position: Int
    private let missing: [FileOperation: Int32]
    private let performed = Mutex<[FileOperation]>([])

    /// `position` counts from 0; nil never fails. `missing` are operations that this disk never does.
    init(_ fault: Fault = .die, at position: Int? = nil, without missing: [FileOperation: Int32] = [:]) {
        self.missing = missing
        self.fault = fault
        self.position = position ?? .max
    }

    /// Every operation that was asked for, in order.
    var asked: [FileOperation] { performed.withLock { $0 } }

    private func begin(_ operation: FileOperation) throws(FileFailure) {
        let number = performed.withLock { performed in
            performed.append(operation)
            return performed.count - 1
        }
        if let code = missing[operation] { throw FileFailure(operation, code: code) }
        switch fault {
        case .refuse(let code) where number == position: throw FileFailure(operation, code: code)
        case .die where number >= position: throw FileFailure(operation, code: EIO)
        default: break
        }
    }

    func openFolder(path: String) throws(FileFailure) -> FileDescriptor {
        try begin(.openFolder)
        return try disk.openFolder(path: path)
    }

    func openFolder(_ name: String, in folder: borrowing FileDescriptor) throws(FileFailure) -> FileDescriptor {
        try begin(.openFolder)
        return try disk.openFolder(name, in: folder)
    }

    func makeFolder(_ name: String, in folder: borrowing FileDescriptor) throws(FileFailure) {
        try begin(.makeFolder)
        try disk.makeFolder(name, in: folder)
    }

    func open(_ name: String, in folder: borrowing FileDescriptor) throws(FileFailure) -> FileDescriptor {
        try begin(.open)
        return try disk.open(name, in: folder)
    }

    func create(_ name: String, in folder: borrowing FileDescriptor) throws(FileFailure) -> FileDescriptor {
        try begin(.create)
        return try disk.create(name, in: folder)
    }

    func status(of file: borrowing FileDescriptor) throws(FileFailure) -> FileStatus {
        try begin(.status)
        return try disk.status(of: file)
    }

    func read(_ file: borrowing FileDescriptor, into buffer: UnsafeMutableRawBufferPointer) throws(FileFailure) -> Int {
        try begin(.read)
        // A few bytes at a time, as a kernel may.
        return try disk.read(file, into: UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(61)))
    }

    func write(_ bytes: UnsafeRawBufferPointer, to file: borrowing FileDescriptor) throws(FileFailure) -> Int {
        try begin(.write)
        return try disk.write(UnsafeRawBufferPointer(rebasing: bytes.prefix(61)), to: file)
    }

    func sync(_ file: borrowing FileDescriptor) throws(FileFailure) {
        try begin(.sync)
        try disk.sync(file)
    }

    func setMode(_ mode: UInt32, of file: borrowing FileDescriptor) throws(FileFailure) {
        try begin(.setMode)
        try disk.setMode(mode, of: file)
    }

    func setOwner(_ owner: UInt32, group: UInt32, of file: borrowing FileDescriptor) throws(FileFailure) {
        try begin(.setOwner)
        try disk.setOwner(owner, group: group, of: file)
    }

    func lock(_ file: borrowing FileDescriptor) throws(FileFailure) -> Bool {
        try begin(.lock)
        return try disk.lock(file)
    }

    func rename(_ name: String, to: String, in folder: borrowing FileDescriptor) throws(FileFailure) {
        try begin(.rename)
        try disk.rename(name, to: to, in: folder)
    }

    func renameNoReplace(_ name: String, to: String, in folder: borrowing FileDescriptor) throws(FileFailure) {
        try begin(.renameNoReplace)
        try disk.renameNoReplace(name, to: to, in: folder)
    }

    func link(_ name: String, to: String, in folder: borrowing FileDescriptor) throws(FileFailure) {
        try begin(.link)
        try disk.link(name, to: to, in: folder)
    }

    func unlink(_ name: String, in folder: borrowing FileDescriptor) throws(FileFailure) {
        try begin(.unlink)
        try disk.unlink(name, in: folder)
    }

    func names(in folder: borrowing FileDescriptor) throws(FileFailure) -> [String] {
        try begin(.list)
        return try disk.names(in: folder)
    }
}
