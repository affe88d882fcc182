import ArgumentParser

struct Completions: LocalVerb {
    static let configuration = CommandConfiguration(
        commandName: "completions", abstract: "Prints the completion script for a shell.",
        discussion: "For bash: sessionctl completions bash > /etc/bash_completion.d/sessionctl")

    enum Shell: String, CaseIterable, Sendable, ExpressibleByArgument {
        case bash, zsh, fish
    }

    @Argument(help: "bash, zsh or fish.")
    var shell: Shell

    func run(in setting: LocalSetting) throws(CommandFailure) -> ExitStatus {
        let script =
            switch shell {
            case .bash: Root.completionScript(for: .bash)
            case .zsh: Root.completionScript(for: .zsh)
            case .fish: Root.completionScript(for: .fish)
            }
        try setting.console.write(script + "\n")
        return .done
    }
}
