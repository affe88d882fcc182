import ArgumentParser

struct Key: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Makes, lists and rotates the keys that the daemon's records are sealed with.",
        discussion: """
            Works on the files, whether or not the daemon runs; nothing goes over its socket. What it finds is what \
            this user may read: run it as root for the system's daemon.
            """,
        subcommands: [KeyCreate.self, KeyList.self, KeyRotate.self])
    @OptionGroup var global: GlobalOptions
}
