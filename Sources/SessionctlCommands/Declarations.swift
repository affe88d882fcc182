import ArgumentParser

extension Sessionctl {
    /// Every verb and option with its help, as ArgumentParser's JSON; sessionctl(1) is made of it.
    package static var declarations: String { Root._dumpHelp() }
}
