import Glibc
import SessionCore
import Synchronization
import Testing

@testable import SessionVault

/// A state directory of its own for one test, gone with it, and what the vaults on it have told.
final class Workshop: Sendable {
    let path: String
    let directory: StateDirectory
    private let told = Mutex<[VaultEvent]>([])

    init() throws {
        // Memory where there is some: thousands of fsyncs are asked for, and none of them is what is tested here.
        let home = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        let template = try #require(strdup(home + "/sessiond-vault-XXXXXX"))
        defer { free(template) }
        path = String(cString: try #require(mkdtemp(template), "errno \(errno)"))
        directory = try StateDirectory.open(path + "/state")
    }

    deinit { removeTree(path) }

    var events: [VaultEvent] { told.withLock { $0 } }
    var state: String { path + "/state" }
    var profiles: String { state + "/profiles" }
    var masterKey: String { state + "/master.key" }

    func record(_ profile: String) -> String { "\(profiles)/\(profile).sealed" }

    /// A vault as after a restart: it knows only what the disk holds.
    func vault(
        _ keys: KeySources = KeySources(), files: any FileOperations = LinuxFiles(), images: (any ImagePlace)? = nil
    ) -> SealedFileVault {
        SealedFileVault(directory: directory, keys: keys, files: files, images: images) { [self] event in
            told.withLock { $0.append(event) }
        }
    }

    /// Writes a file beside the state directory and gives its path.
    func file(_ name: String, _ bytes: [UInt8], mode: mode_t = 0o600) throws -> String {
        let path = path + "/" + name
        try write(bytes, to: path, mode: mode)
        return path
    }
}

func removeTree(_ path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    if status.st_mode & S_IFMT == S_IFDIR {
        for name in names(in: path) { removeTree(path + "/" + name) }
        rmdir(path)
    } else {
        unlink(path)
    }
}

func names(in path: String) -> [String] {
    guard let folder = try? LinuxFiles().openFolder(path: path) else { return [] }
    return ((try? LinuxFiles().names(in: folder)) ?? []).sorted()
}

func read(_ path: String) throws -> [UInt8] {
    let file = try #require(fopen(path, "r"), "cannot read \(path): errno \(errno)")
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = fread(&bytes, 1, bytes.count, file)
    return Array(bytes[..<count])
}

/// In place: the inode stays.
func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o600) throws {
    let number = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode)
    try #require(number >= 0, "cannot write \(path): errno \(errno)")
    defer { close(number) }
    try #require(bytes.withUnsafeBytes { Glibc.write(number, $0.baseAddress, $0.count) } == bytes.count)
    fchmod(number, mode)
}

func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
}

func mode(of path: String) -> mode_t {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
}

extension SealedFileVault {
    func save(_ text: String, generation: UInt64 = 1, profile: String = "shop") throws(VaultError) {
        try save(SealedRecord(generation: generation, payload: Array(text.utf8)), profile: profile, provider: "stytch")
    }

    /// The text of the record; nil where there is none.
    func text(_ profile: String = "shop") throws(VaultError) -> String? {
        try load(profile: profile, provider: "stytch").map { String(decoding: $0.payload, as: UTF8.self) }
    }
}

/// 32 bytes that are nobody's key but differ by seed.
func keyBytes(_ seed: UInt8) -> [UInt8] { (0..<32).map { seed &+ $0 &* 7 | 0x80 } }

let isRoot = geteuid() == 0
