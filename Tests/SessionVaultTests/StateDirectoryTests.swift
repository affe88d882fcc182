import Glibc
import Testing

@testable import SessionVault

@Suite("The state directory is the daemon's own, and one daemon's")
struct StateDirectoryTests {
    let workshop: Workshop

    init() throws { workshop = try Workshop() }

    @Test("a second daemon is refused, and may have it when the first has gone")
    func inUse() throws {
        let path = workshop.path + "/contested"
        do {
            let first = try StateDirectory.open(path)
            #expect(throws: StateDirectoryError.inUse) { _ = try StateDirectory.open(path + "/") }
            #expect(first.path == path)
        }
        _ = try StateDirectory.open(path)
    }

    @Test("it is created with its parents, closed to others", arguments: ["", "/", "//"])
    func created(ending: String) throws {
        let path = workshop.path + "/a/b/c"
        let directory = try StateDirectory.open(path + ending)
        #expect(directory.path == path)
        for level in ["/a", "/a/b", "/a/b/c"] { #expect(mode(of: workshop.path + level) == 0o700) }
        #expect(mode(of: path + "/lock") == 0o600)
    }

    @Test(
        "one that others may read is closed to them; one that they may write to is refused",
        arguments: [0o755, 0o750, 0o777, 0o770, 0o702] as [mode_t])
    func open(toOthers: mode_t) throws {
        let path = workshop.path + "/open"
        #expect(mkdir(path, 0o700) == 0 && chmod(path, toOthers) == 0)
        if toOthers & 0o022 == 0 {
            _ = try StateDirectory.open(path)
            #expect(mode(of: path) == 0o700)
        } else {
            #expect(throws: StateDirectoryError.refused(.mode(toOthers))) { _ = try StateDirectory.open(path) }
            #expect(mode(of: path) == toOthers)
        }
    }

    @Test("somebody else's is refused", .enabled(if: isRoot, "only root can give folders away"))
    func foreign() throws {
        let path = workshop.path + "/foreign"
        #expect(mkdir(path, 0o700) == 0 && chown(path, 65534, 65534) == 0)
        #expect(throws: StateDirectoryError.refused(.owner(65534))) { _ = try StateDirectory.open(path) }
    }

    @Test("a link is refused, dangling or not", arguments: ["/real", "/nowhere"])
    func link(target: String) throws {
        #expect(mkdir(workshop.path + "/real", 0o700) == 0)
        #expect(symlink(workshop.path + target, workshop.path + "/link") == 0)
        for ending in ["", "/"] {
            #expect(throws: StateDirectoryError.refused(.symbolicLink)) {
                _ = try StateDirectory.open(workshop.path + "/link" + ending)
            }
        }
        #expect(names(in: workshop.path + "/real").isEmpty)
    }

    @Test(
        "only root's link is followed, and not by root's own daemon",
        arguments: [(0, 1000, true), (0, 0, false), (1000, 1000, false), (65534, 1000, false)]
            as [(UInt32, UInt32, Bool)])
    func trustedLink(owner: UInt32, user: UInt32, isTrusted: Bool) {
        #expect(StateDirectory.isTrustedLink(owner: owner, user: user) == isTrusted)
    }

    @Test("a file in its place, and a link in the place of its lock, are refused")
    func notAFolder() throws {
        let path = try workshop.file("plain", [1])
        #expect(throws: StateDirectoryError.refused(.notFolder)) { _ = try StateDirectory.open(path) }
        let folder = workshop.path + "/linked-lock"
        #expect(mkdir(folder, 0o700) == 0 && symlink(path, folder + "/lock") == 0)
        #expect(throws: StateDirectoryError.refused(.symbolicLink)) { _ = try StateDirectory.open(folder) }
        #expect(try read(path) == [1])
    }
}
