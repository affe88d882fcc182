import Foundation
import SessionProtocol
import Testing

@testable import SessionClient

@Suite("The example program", .timeLimit(.minutes(1)))
struct ExampleTests {
    @Test("it shows the session, goes on over a restart of the daemon, shows no token, and ends with the sign-out")
    func watch() async throws {
        let daemon = try FakeDaemon()
        daemon.changeSilently { $0.objects["session"] = .available(["userId": "ada"], lastValidatedAt: nil) }
        daemon.on("session.token") { request in
            request.answer([
                "profile": "default", "revision": 1, "stale": false, "tokens": ["sessionToken": "s3cret"],
            ])
        }
        let output = Pipe()
        let process = Process()
        process.executableURL = Bundle.main.bundleURL.appendingPathComponent("session-watch")
        process.environment = ["SESSIOND_SOCKET": daemon.path]
        process.standardOutput = output
        try process.run()
        _ = try #require(await daemon.next("session.token"))
        try daemon.restart()
        _ = try #require(await daemon.next("session.watch"))
        daemon.publish { $0.number = nil }
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        let lines = text.split(separator: "\n")
        #expect(lines.first?.hasPrefix("signed in as ada, not confirmed yet, a token at hand") == true)
        #expect(lines.last == "signed out: signedOut")
        #expect(!text.contains("s3cret"))
    }

    @Test(
        "the documents show the program as it is",
        arguments: ["README.md", "Sources/SessionClient/Documentation.docc/GettingStarted.md"])
    func documents(path: String) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let program = try String(contentsOf: root.appending(path: "Examples/session-watch/main.swift"), encoding: .utf8)
        let document = try String(contentsOf: root.appending(path: path), encoding: .utf8)
        #expect(document.contains("```swift\n\(program)```\n"))
    }
}
