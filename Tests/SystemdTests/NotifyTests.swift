import Glibc
import Testing

@testable import Systemd

/// Each test runs in a process of its own: the variables belong to the process, and setenv with threads is a race.
@Suite("Notifying the manager")
struct NotifyTests {
    @Test(
        "assignments arrive in one datagram, over a path and an abstract name", arguments: Conformer.allCases,
        [false, true])
    func delivery(conformer: Conformer, isAbstract: Bool) async {
        await #expect(processExitsWith: .success) {
            [conformer = conformer as Conformer, isAbstract = isAbstract as Bool] in
            let fake = try #require(FakeManager(isAbstract: isAbstract))
            setenv("NOTIFY_SOCKET", fake.notifySocket, 1)
            let manager = conformer.manager
            try #expect(manager.notify([.ready, .status("2 profiles")]))
            #expect(fake.receive() == "READY=1\nSTATUS=2 profiles")
            try #expect(manager.notify([.stopping]))
            #expect(fake.receive() == "STOPPING=1")
            try #expect(manager.notify([.reloading(monotonicMicroseconds: 42)]))
            #expect(fake.receive() == "RELOADING=1\nMONOTONIC_USEC=42")
            #expect(fake.isQuiet)
            // Notifying again works as well: nothing was used up.
            try #expect(manager.notify([.watchdog]))
            #expect(fake.receive() == "WATCHDOG=1")
            try #expect(manager.notify([.watchdogTrigger]))
            #expect(fake.receive() == "WATCHDOG=trigger")
            try #expect(manager.notify([.extendTimeout(.seconds(15)), .status("opening")]))
            #expect(fake.receive() == "EXTEND_TIMEOUT_USEC=15000000\nSTATUS=opening")
            try #expect(manager.notify([.status("no room"), .errno(28)]))
            #expect(fake.receive() == "STATUS=no room\nERRNO=28")
        }
    }

    @Test("without a manager nobody is told, and that is no error", arguments: Conformer.allCases)
    func nobody(conformer: Conformer) async {
        await #expect(processExitsWith: .success) { [conformer = conformer as Conformer] in
            unsetenv("NOTIFY_SOCKET")
            try #expect(conformer.manager.notify([.ready]) == false)
        }
    }

    @Test("a manager that is gone is an error that says so", arguments: Conformer.allCases)
    func gone(conformer: Conformer) async {
        await #expect(processExitsWith: .success) { [conformer = conformer as Conformer] in
            setenv("NOTIFY_SOCKET", "/tmp/sessiond-nobody-listens-here", 1)
            do {
                try conformer.manager.notify([.ready])
                Issue.record("nobody was there")
            } catch ServiceManagerError.failed(_, let number) {
                #expect(number == ENOENT)
            }
        }
    }

    @Test("a NOTIFY_SOCKET that is no address is an error", arguments: Conformer.allCases)
    func noAddress(conformer: Conformer) async {
        await #expect(processExitsWith: .success) { [conformer = conformer as Conformer] in
            for text in ["relative/path", "/" + String(repeating: "x", count: 120)] {
                setenv("NOTIFY_SOCKET", text, 1)
                #expect(throws: ServiceManagerError.self) { try conformer.manager.notify([.ready]) }
            }
        }
    }

    static let lines: [(NotifyAssignment, String)] = [
        (.ready, "READY=1"),
        (.stopping, "STOPPING=1"),
        (.reloading(monotonicMicroseconds: 12), "RELOADING=1\nMONOTONIC_USEC=12"),
        (.status("all\nREADY=1\u{0}!"), "STATUS=all READY=1 !"),
        (.status(""), "STATUS="),
        (.extendTimeout(.seconds(15)), "EXTEND_TIMEOUT_USEC=15000000"),
        (.extendTimeout(.nanoseconds(2500)), "EXTEND_TIMEOUT_USEC=2"),
        (.extendTimeout(.seconds(-1)), "EXTEND_TIMEOUT_USEC=0"),
        (.extendTimeout(.seconds(Int64.max)), "EXTEND_TIMEOUT_USEC=\(Int64.max)"),
        (.watchdog, "WATCHDOG=1"),
        (.watchdogTrigger, "WATCHDOG=trigger"),
        (.errno(28), "ERRNO=28"),
    ]

    @Test("each assignment has the spelling of sd_notify(3), and a text cannot smuggle another in", arguments: lines)
    func spelling(assignment: NotifyAssignment, line: String) {
        #expect(assignment.line == line)
    }

    @Test("reloading carries the monotonic clock, which never goes back")
    func reloadTime() {
        guard case .reloading(let first) = NotifyAssignment.reloading,
            case .reloading(let second) = NotifyAssignment.reloading
        else {
            Issue.record("not reloading")
            return
        }
        #expect(first > 0 && first <= second)
    }
}
