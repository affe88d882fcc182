import Glibc
import Testing

extension Process {
    @Suite("A closed process", .timeLimit(.minutes(1)))
    struct HardeningTests {
        @Test("no core dumps, and nothing of it is readable to its own user", .needsRoot)
        func closed() async throws {
            var setup = DaemonProcess.Setup()
            setup.isSeeded = false
            let user = "65533"
            setup.wrapper = ["setpriv", "--reuid", user, "--regid", user, "--clear-groups", "--"]
            let daemon = try await DaemonProcess.prepare(setup)
            for folder in ["state", "run"] { chown("\(daemon.folder.path)/\(folder)", 65533, 65533) }
            try await daemon.start()
            let pid = try daemon.process.pid
            let limits = try Files.text("/proc/\(pid)/limits").split(separator: "\n")
            let core = try #require(limits.first { $0.hasPrefix("Max core file size") })
            #expect(core.split(separator: " ").suffix(3).prefix(2) == ["0", "0"], "\(core)")
            // The kernel gives the files of a process that must not be dumped to root.
            for file in ["mem", "environ", "maps"] {
                #expect(Files.status("/proc/\(pid)/\(file)")?.st_uid == 0, "\(file)")
                let outcome = try await Command(
                    "setpriv", "--reuid", user, "--regid", user, "--clear-groups", "--", "cat", "/proc/\(pid)/\(file)"
                ).run()
                #expect(outcome.status != .status(0), "\(file)")
                #expect(outcome.output.isEmpty)
            }
        }

        @Test(
            "a crash ends it at once, without a dump and without a report that would show its memory",
            arguments: [SIGSEGV, SIGABRT, SIGQUIT, SIGILL])
        func crash(number: Int32) async throws {
            let daemon = try await DaemonProcess.start()
            try await daemon.connect().signIn()
            let log = daemon.log
            try daemon.process.signal(number)
            #expect(try await daemon.process.exit(within: .seconds(5)) == .signal(number))
            #expect(daemon.log == log)
        }
    }
}
