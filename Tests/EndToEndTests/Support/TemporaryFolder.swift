import Glibc

/// What the kernel said to a call of a test's own.
struct SystemFailure: Error, CustomStringConvertible {
    let call: String
    let number: Int32

    init(_ call: String) {
        self.call = call
        number = errno
    }

    var description: String { "\(call): error \(number)" }
}

/// A folder of a test's own, removed with all that is in it.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        // A socket's path has room for 107 bytes.
        let place = getenv("TMPDIR").map { String(cString: $0) }.flatMap { $0.utf8.count < 50 ? $0 : nil } ?? "/tmp"
        var template = Array("\(place)/sessiond-e2e-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemFailure("mkdtemp") }
        path = template.withUnsafeBufferPointer {
            String(decoding: $0.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        // Other users are to reach the socket, whose own mode decides.
        chmod(path, 0o755)
    }

    deinit { Self.remove(path) }

    func makeFolder(_ name: String, mode: mode_t = 0o755) throws {
        guard mkdir("\(path)/\(name)", mode) == 0 || errno == EEXIST, chmod("\(path)/\(name)", mode) == 0 else {
            throw SystemFailure("mkdir \(name)")
        }
    }

    func write(_ text: String, to name: String, mode: mode_t = 0o644) throws {
        try Files.write(Array(text.utf8), to: "\(path)/\(name)", mode: mode)
    }

    private static func remove(_ path: String) {
        for name in Files.names(in: path) {
            let inner = "\(path)/\(name)"
            if Files.isFolder(inner) { remove(inner) } else { unlink(inner) }
        }
        rmdir(path)
    }
}

/// Whole files.
enum Files {
    static func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o644) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw SystemFailure("open \(path)") }
        defer { close(descriptor) }
        fchmod(descriptor, mode)
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw SystemFailure("write \(path)") }
            rest = rest.dropFirst(count)
        }
    }

    static func read(_ path: String) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemFailure("open \(path)") }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            guard count >= 0 else { throw SystemFailure("read \(path)") }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
        }
    }

    static func text(_ path: String) throws -> String { String(decoding: try read(path), as: UTF8.self) }

    static func names(in path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    static func isFolder(_ path: String) -> Bool { status(path).map { $0.st_mode & S_IFMT == S_IFDIR } ?? false }

    /// Links are not followed; nil where nothing is there.
    static func status(_ path: String) -> stat? {
        var status = stat()
        return lstat(path, &status) == 0 ? status : nil
    }

    /// Every file below a folder, by its path from there.
    static func all(in path: String) throws -> [String: [UInt8]] {
        var found: [String: [UInt8]] = [:]
        for name in names(in: path) {
            let inner = "\(path)/\(name)"
            if isFolder(inner) {
                for (deeper, bytes) in try all(in: inner) { found["\(name)/\(deeper)"] = bytes }
            } else if let status = status(inner), status.st_mode & S_IFMT == S_IFREG {
                found[name] = try read(inner)
            }
        }
        return found
    }
}
