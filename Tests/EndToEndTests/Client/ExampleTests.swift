import Testing

extension Clients {
    @Suite("The example program and the real daemon", .timeLimit(.minutes(1)))
    struct ExampleTests {
        @Test("session-watch shows the session, lives through a restart, and ends with the sign-out")
        func watch() async throws {
            let daemon = try await DaemonProcess.start()
            try await daemon.connect().signIn()
            var environment = DaemonProcess.environment
            environment["SESSIOND_SOCKET"] = daemon.socket
            let program = try TerminalCommand([BuildFolder.sessionWatch], environment: environment)
            #expect(try await program.screen.text()?.hasPrefix("signed in as user_") == true)
            try await daemon.kill()
            try await daemon.start()
            try await daemon.connect().call("session.revoke")
            var last: String?
            while let line = try await program.screen.text() { last = line }
            #expect(last == "signed out: signedOut\r")
            #expect(try await program.process.exit() == .status(0))
        }
    }
}
