import CTestProcess
import Glibc
import Testing

@testable import Systemd

@Suite("What the manager keeps for the next process")
struct KeepingTests {
    /// The open sockets and pieces of memory of this process: what is under test makes nothing else, and the test's own
    /// runtime opens files when it likes.
    static func descriptors() -> Int {
        (0..<1024 as Range<Int32>).count { descriptor in
            var target = [CChar](repeating: 0, count: 64)
            let length = readlink("/proc/self/fd/\(descriptor)", &target, target.count)
            let text = String(decoding: target.prefix(max(length, 0)).map(UInt8.init(bitPattern:)), as: UTF8.self)
            return text.hasPrefix("/memfd:") || text.hasPrefix("socket:")
        }
    }

    @Test("a descriptor goes with its name, and is let go of by it", arguments: Conformer.allCases, [false, true])
    func keeping(conformer: Conformer, isAbstract: Bool) async {
        await #expect(processExitsWith: .success) {
            [conformer = conformer as Conformer, isAbstract = isAbstract as Bool] in
            let fake = try #require(FakeManager(isAbstract: isAbstract))
            setenv("NOTIFY_SOCKET", fake.notifySocket, 1)
            let memory = ctp_memory("image", 5, ctp_all_seals)
            try #expect(conformer.manager.keep(memory, as: "state-a"))
            let kept = try #require(fake.receiveWithDescriptor())
            #expect(kept.text == "FDSTORE=1\nFDNAME=state-a")
            try #expect(SealedMemory.read(kept.descriptor, limit: 5) == Array("image".utf8))
            try #expect(conformer.manager.letGo(of: "state-a"))
            let gone = try #require(fake.receiveWithDescriptor())
            #expect(gone.text == "FDSTOREREMOVE=1\nFDNAME=state-a")
            #expect(gone.descriptor == -1 && fake.isQuiet)
        }
    }

    @Test("without a manager nothing is kept, and that is no error", arguments: Conformer.allCases)
    func nobody(conformer: Conformer) async {
        await #expect(processExitsWith: .success) { [conformer = conformer as Conformer] in
            unsetenv("NOTIFY_SOCKET")
            try #expect(!conformer.manager.keep(0, as: "state-a"))
            try #expect(!conformer.manager.letGo(of: "state-a"))
            try ImageShelf(manager: conformer.manager, taken: []).replace(with: [1])
        }
    }

    @Test(
        "a new image is there before the last one goes, under another name, and nothing leaks",
        arguments: Conformer.allCases)
    func turns(conformer: Conformer) async {
        await #expect(processExitsWith: .success) { [conformer = conformer as Conformer] in
            let fake = try #require(FakeManager(isAbstract: true))
            setenv("NOTIFY_SOCKET", fake.notifySocket, 1)
            let shelf = ImageShelf(manager: conformer.manager, taken: [])
            let before = KeepingTests.descriptors()
            for (index, names) in [("state-a", nil), ("state-b", "state-a"), ("state-a", "state-b")].enumerated() {
                try shelf.replace(with: [UInt8(index)])
                let kept = try #require(fake.receiveWithDescriptor())
                #expect(kept.text == "FDSTORE=1\nFDNAME=\(names.0)")
                #expect(ctp_seals(kept.descriptor) & ctp_all_seals == ctp_all_seals)
                #expect(fcntl(kept.descriptor, F_GETFD) & FD_CLOEXEC != 0)
                try #expect(SealedMemory.read(kept.descriptor, limit: 1) == [UInt8(index)])
                close(kept.descriptor)
                if let last = names.1 { #expect(fake.receive() == "FDSTOREREMOVE=1\nFDNAME=\(last)") }
                #expect(fake.isQuiet)
            }
            #expect(KeepingTests.descriptors() == before)
        }
    }

    @Test("names that are taken are left alone; what is retired goes after the next image, what is discarded at once")
    func taken() async {
        await #expect(processExitsWith: .success) {
            let fake = try #require(FakeManager(isAbstract: true))
            setenv("NOTIFY_SOCKET", fake.notifySocket, 1)
            let shelf = ImageShelf(manager: PlainManager(), taken: ["state-a", "state-b"])
            shelf.retire("state-b")
            #expect(fake.isQuiet)
            try shelf.replace(with: [1])
            #expect(fake.receive() == "FDSTORE=1\nFDNAME=state-c")
            #expect(fake.receive() == "FDSTOREREMOVE=1\nFDNAME=state-b")
            try shelf.replace(with: [2])
            #expect(fake.receive() == "FDSTORE=1\nFDNAME=state-b")
            #expect(fake.receive() == "FDSTOREREMOVE=1\nFDNAME=state-c")
            shelf.discard("state-a")
            #expect(fake.receive() == "FDSTOREREMOVE=1\nFDNAME=state-a")
            #expect(fake.isQuiet)
        }
    }

    @Test("an image that cannot be kept takes the last one with it, as soon as the manager listens")
    func failing() async {
        await #expect(processExitsWith: .success) {
            let fake = try #require(FakeManager(isAbstract: true))
            setenv("NOTIFY_SOCKET", fake.notifySocket, 1)
            let shelf = ImageShelf(manager: PlainManager(), taken: [])
            try shelf.replace(with: [1])
            #expect(fake.receive() == "FDSTORE=1\nFDNAME=state-a")
            setenv("NOTIFY_SOCKET", "@sessiond-nobody-listens-here", 1)
            #expect(throws: ServiceManagerError.self) { try shelf.replace(with: [2]) }
            setenv("NOTIFY_SOCKET", fake.notifySocket, 1)
            try shelf.replace(with: [3])
            let removed = [fake.receive(), fake.receive()]
            #expect(Set(removed) == ["FDSTOREREMOVE=1\nFDNAME=state-a", "FDSTOREREMOVE=1\nFDNAME=state-b"])
            #expect(fake.receive() == "FDSTORE=1\nFDNAME=state-a")
            #expect(fake.isQuiet)
        }
    }

    @Test("memory that could still change is not read", arguments: 0..<15 as Range<Int32>)
    func unsealed(seals: Int32) throws {
        let memory = ctp_memory("image", 5, seals)
        defer { close(memory) }
        // All but the seal on the seals themselves, which is the lowest bit.
        if seals & 14 == 14 {
            #expect(try SealedMemory.read(memory, limit: 5) == Array("image".utf8))
        } else {
            #expect(throws: SealedMemory.Refusal.notSealed) { try SealedMemory.read(memory, limit: 5) }
        }
    }

    @Test("what is no memory is not read: a file, a pipe, a device, nothing at all")
    func otherKinds() throws {
        var ends: [Int32] = [0, 0]
        try #require(ctp_pipe(&ends) == 0)
        let others = [open(#filePath, O_RDONLY | O_CLOEXEC), open("/dev/zero", O_RDONLY | O_CLOEXEC)] + ends
        for other in others {
            #expect(throws: SealedMemory.Refusal.notSealed) { try SealedMemory.read(other, limit: 1 << 20) }
            close(other)
        }
        #expect(throws: SealedMemory.Refusal.failed(errno: EBADF)) { try SealedMemory.read(-1, limit: 5) }
    }

    @Test("what is larger than any image is not read, and reading moves no offset that is shared")
    func sizes() throws {
        let memory = ctp_memory("image", 5, ctp_all_seals)
        defer { close(memory) }
        lseek(memory, 3, SEEK_SET)
        #expect(throws: SealedMemory.Refusal.tooLarge(5, limit: 4)) { try SealedMemory.read(memory, limit: 4) }
        #expect(try SealedMemory.read(memory, limit: 5) == Array("image".utf8))
        #expect(lseek(memory, 0, SEEK_CUR) == 3)
        let empty = ctp_memory("", 0, ctp_all_seals)
        defer { close(empty) }
        #expect(try SealedMemory.read(empty, limit: 5).isEmpty)
    }
}
