import Glibc
import SessionClient

/// Times the client library against a running daemon, and prints its samples as JSON.
///
///     client-bench connect SOCKET CLIENTS
///     client-bench cached SOCKET LOOPS READS
@main
enum ClientBench {
    struct Failure: Error, CustomStringConvertible {
        let description: String

        init(_ description: String) { self.description = description }
    }

    /// Not `async`, as `sessionctl`'s is not: the main thread would unwind itself while the first client is timed.
    static func main() {
        Task.detached {
            do {
                print(String(decoding: try await run(Array(CommandLine.arguments.dropFirst())).encoded, as: UTF8.self))
                exit(0)
            } catch {
                complain("bench: client-bench: \(error)\n")
                exit(1)
            }
        }
        while true { pause() }
    }

    private static func run(_ arguments: [String]) async throws -> JSONValue {
        switch (arguments.first, arguments.count) {
        case ("connect", 3):
            return try await connecting(to: arguments[1], clients: try number(arguments[2]))
        case ("cached", 4):
            return try await reading(
                from: arguments[1], loops: try number(arguments[2]), reads: try number(arguments[3]))
        default:
            throw Failure("usage: client-bench connect SOCKET CLIENTS | cached SOCKET LOOPS READS")
        }
    }

    private static func number(_ text: String) throws -> Int {
        guard let number = Int(text), 1...1_000_000_000 ~= number else {
            throw Failure("\(text): expected a number from 1 to 1000000000")
        }
        return number
    }

    private static func complain(_ text: String) {
        var text = text
        _ = text.withUTF8 { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}

extension Duration {
    /// Whole nanoseconds, as JSON.
    var nanoseconds: JSONValue {
        .integer(components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000)
    }
}
