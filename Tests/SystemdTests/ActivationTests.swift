import CTestProcess
import Glibc
import Testing

@testable import Systemd

/// Puts sockets where systemd would. Only for a process of its own.
enum Activation {
    /// Makes `count` listening Unix stream sockets the descriptors from 3 on and says so in the environment.
    static func prepare(count: Int32, names: String?, isListening: Bool = true) {
        for index in 0..<count {
            let made = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            if isListening {
                let address = NotifyAddress("@sessiond-activation-\(getpid())-\(index)")
                precondition(address?.bind(made) == 0 && listen(made, 8) == 0)
            }
            if made != 3 + index {
                precondition(dup2(made, 3 + index) >= 0)
                close(made)
            }
        }
        announce(count: "\(count)", names: names)
    }

    static func announce(pid: pid_t = getpid(), count: String, names: String?) {
        setenv("LISTEN_PID", "\(pid)", 1)
        setenv("LISTEN_FDS", count, 1)
        if let names { setenv("LISTEN_FDNAMES", names, 1) } else { unsetenv("LISTEN_FDNAMES") }
    }
}

@Suite("Socket activation")
struct ActivationTests {
    @Test("sockets come with their names, close-on-exec, and only once", arguments: Conformer.allCases)
    func named(conformer: Conformer) async {
        await #expect(processExitsWith: .success) { [conformer = conformer as Conformer] in
            Activation.prepare(count: 2, names: "sessiond:other")
            let expected = [
                InheritedSocket(descriptor: 3, name: "sessiond"), InheritedSocket(descriptor: 4, name: "other"),
            ]
            let manager = conformer.manager
            try #expect(manager.inheritedDescriptors() == InheritedDescriptors(sockets: expected))
            #expect(fcntl(3, F_GETFD) & FD_CLOEXEC != 0)
            #expect(fcntl(4, F_GETFD) & FD_CLOEXEC != 0)
            for variable in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] { #expect(getenv(variable) == nil) }
            try #expect(manager.inheritedDescriptors() == InheritedDescriptors())
        }
    }

    @Test("a socket unit without names gives `unknown`", arguments: Conformer.allCases)
    func unnamed(conformer: Conformer) async {
        await #expect(processExitsWith: .success) { [conformer = conformer as Conformer] in
            Activation.prepare(count: 1, names: nil)
            let expected = InheritedDescriptors(sockets: [InheritedSocket(descriptor: 3, name: "unknown")])
            try #expect(conformer.manager.inheritedDescriptors() == expected)
        }
    }

    @Test("nothing announced is nothing inherited", arguments: Conformer.allCases)
    func nothing(conformer: Conformer) async {
        await #expect(processExitsWith: .success) { [conformer = conformer as Conformer] in
            try #expect(conformer.manager.inheritedDescriptors() == InheritedDescriptors())
        }
    }

    @Test("sockets meant for another process are not ours", arguments: Conformer.allCases)
    func foreign(conformer: Conformer) async {
        await #expect(processExitsWith: .success) { [conformer = conformer as Conformer] in
            Activation.announce(pid: getpid() + 1, count: "1", names: nil)
            try #expect(conformer.manager.inheritedDescriptors() == InheritedDescriptors())
        }
    }

    @Test("a descriptor that does not listen is refused by number and name", arguments: Conformer.allCases)
    func notListening(conformer: Conformer) async {
        await #expect(processExitsWith: .success) { [conformer = conformer as Conformer] in
            Activation.prepare(count: 1, names: "sessiond", isListening: false)
            #expect(throws: ServiceManagerError.unusableSocket(descriptor: 3, name: "sessiond")) {
                try conformer.manager.inheritedDescriptors()
            }
        }
    }

    @Test("malformed variables are errors", arguments: Conformer.allCases)
    func malformed(conformer: Conformer) async {
        await #expect(processExitsWith: .success) { [conformer = conformer as Conformer] in
            func isMalformed() -> Bool {
                do {
                    _ = try conformer.manager.inheritedDescriptors()
                    return false
                } catch {
                    guard case .malformed = error else { return false }
                    return true
                }
            }
            Activation.announce(count: "many", names: nil)
            #expect(isMalformed())
            Activation.prepare(count: 2, names: "only-one")
            #expect(isMalformed())
        }
    }

    @Test("what is no socket was kept for the service; it comes apart, close-on-exec", arguments: Conformer.allCases)
    func kept(conformer: Conformer) async {
        await #expect(processExitsWith: .success) { [conformer = conformer as Conformer] in
            Activation.prepare(count: 1, names: nil)
            let memory = ctp_memory("image", 5, ctp_all_seals)
            precondition(dup2(memory, 4) == 4 && dup2(open("/dev/null", O_RDONLY), 5) == 5)
            Activation.announce(count: "3", names: "sessiond:state-b:stored")
            let inherited = try conformer.manager.inheritedDescriptors()
            #expect(inherited.sockets == [InheritedSocket(descriptor: 3, name: "sessiond")])
            #expect(
                inherited.kept == [
                    KeptDescriptor(descriptor: 4, name: "state-b"), KeptDescriptor(descriptor: 5, name: "stored"),
                ])
            for number in 3...5 as ClosedRange<Int32> { #expect(fcntl(number, F_GETFD) & FD_CLOEXEC != 0) }
            try #expect(SealedMemory.read(4, limit: 5) == Array("image".utf8))
        }
    }

    typealias Variables = (pid: String?, count: String?, names: String?)
    static let readings: [(Variables, [String]?)] = [
        ((nil, nil, nil), []),
        (("7", nil, nil), []),
        ((nil, "1", nil), []),
        (("7", "0", nil), []),
        (("7", "2", "a:b"), ["a", "b"]),
        (("7", "2", "a:"), ["a", ""]),
        (("7", "2", nil), ["unknown", "unknown"]),
        (("8", "2", "a:b"), []),
        (("seven", "1", nil), nil),
        (("-7", "1", nil), nil),
        (("7", "-1", nil), nil),
        (("7", "2147483647", nil), nil),
        (("7", "1", "a:b"), nil),
    ]

    @Test("the plain reading of the variables, nil for an error", arguments: readings)
    func reading(variables: Variables, names: [String]?) {
        let sockets = try? PlainManager.handedIn(
            pid: variables.pid, count: variables.count, names: variables.names, to: 7)
        #expect(sockets?.map(\.name) == names)
        #expect(sockets?.map(\.descriptor) == names.map { $0.indices.map { 3 + Int32($0) } })
    }
}
