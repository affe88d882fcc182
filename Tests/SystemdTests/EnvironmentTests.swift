import Glibc
import Testing

@testable import Systemd

@Suite("What the manager says in the environment")
struct EnvironmentTests {
    @Test("the watchdog's interval counts for the process that it names", arguments: Conformer.allCases)
    func watchdog(conformer: Conformer) async {
        await #expect(processExitsWith: .success) { [conformer = conformer as Conformer] in
            let manager = conformer.manager
            unsetenv("WATCHDOG_USEC")
            try #expect(manager.watchdogInterval() == nil)
            setenv("WATCHDOG_USEC", "30000000", 1)
            try #expect(manager.watchdogInterval() == .seconds(30))
            setenv("WATCHDOG_PID", "\(getpid())", 1)
            try #expect(manager.watchdogInterval() == .seconds(30))
            setenv("WATCHDOG_PID", "\(getpid() + 1)", 1)
            try #expect(manager.watchdogInterval() == nil)
            unsetenv("WATCHDOG_PID")
            for text in ["soon", "0"] {
                setenv("WATCHDOG_USEC", text, 1)
                #expect(throws: ServiceManagerError.malformed(variable: "WATCHDOG_USEC", value: text)) {
                    try manager.watchdogInterval()
                }
            }
        }
    }

    @Test("the credentials directory is there only when it was given", arguments: Conformer.allCases)
    func credentials(conformer: Conformer) async {
        await #expect(processExitsWith: .success) { [conformer = conformer as Conformer] in
            unsetenv("CREDENTIALS_DIRECTORY")
            #expect(conformer.manager.credentialsDirectory == nil)
            setenv("CREDENTIALS_DIRECTORY", "/run/credentials/sessiond.service", 1)
            #expect(conformer.manager.credentialsDirectory == "/run/credentials/sessiond.service")
        }
    }

    @Test("errors say what to look at")
    func errors() {
        #expect(
            ServiceManagerError.failed(call: "sendto", errno: ENOENT).description
                == "sendto failed: No such file or directory")
        #expect(
            ServiceManagerError.malformed(variable: "LISTEN_FDS", value: "x").description
                == "LISTEN_FDS is malformed: x")
        #expect(ServiceManagerError.unusableSocket(descriptor: 3, name: "n").description.contains("descriptor 3 (n)"))
    }
}
