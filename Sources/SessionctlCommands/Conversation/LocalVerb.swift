import ArgumentParser

/// A command that needs no daemon.
protocol LocalVerb: ParsableCommand {
    func run(in setting: LocalSetting) throws(CommandFailure) -> ExitStatus
}

/// What a command without a daemon works with.
struct LocalSetting: Sendable {
    let console: any Console
    let programs: any ProgramRunning
    private let makeStyle: @Sendable (_ forbidsColour: Bool) -> Style

    init(
        console: any Console, programs: any ProgramRunning,
        style: @escaping @Sendable (_ forbidsColour: Bool) -> Style
    ) {
        self.console = console
        self.programs = programs
        makeStyle = style
    }

    /// How its output may look.
    func style(_ options: GlobalOptions) -> Style { makeStyle(options.noColor) }
}
