import Glibc
import SessionctlCommands

@main
enum Entry {
    /// Not `async`: the main thread of an asynchronous main ends by unwinding itself, and the process waits for it. The
    /// first unwinding in a static program sorts its unwind tables, which takes three times as long as all the rest.
    static func main() {
        Task.detached {
            exit(await Sessionctl.run(Array(CommandLine.arguments.dropFirst()), in: .ofThisProcess()))
        }
        while true { pause() }
    }
}
