import Glibc
import SessionctlCommands

@main
enum Entry {
    /// Not `async`: the main thread of an asynchronous main ends by unwinding itself, and the process waits for it. The
    /// first unwinding in a static program sorts its unwind tables, which takes three times as long as all the rest.
    static func main() {
        let thread = MainThread()
        Task.detached(executorPreference: thread) {
            exit(await Sessionctl.run(Array(CommandLine.arguments.dropFirst()), in: .ofThisProcess()))
        }
        thread.run()
    }
}
