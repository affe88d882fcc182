import Glibc
import SessionctlCommands

@main
enum Entry {
    static func main() async {
        let status = await Sessionctl.run(Array(CommandLine.arguments.dropFirst()), in: .ofThisProcess())
        exit(status)
    }
}
