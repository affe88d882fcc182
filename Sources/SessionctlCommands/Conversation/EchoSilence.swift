import Dispatch
import Glibc

/// A terminal that does not show what is typed, until `end` or until a signal ends the process.
///
/// A process that dies in between must not leave the person with a mute terminal. Signals are taken by a dispatch
/// source, not by a handler: what restores the terminal then runs on an ordinary thread.
struct EchoSilence {
    private let descriptor: Int32
    private let before: termios?
    private let watches: [(signal: Int32, source: any DispatchSourceSignal)]

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
        var attributes = termios()
        guard tcgetattr(descriptor, &attributes) == 0 else {
            before = nil
            watches = []
            return
        }
        let saved = attributes
        before = saved
        watches = [SIGINT, SIGTERM, SIGHUP, SIGQUIT].map { number in
            let source = watchSignal(number) {
                var saved = saved
                tcsetattr(descriptor, TCSADRAIN, &saved)
                signal(number, SIG_DFL)
                kill(getpid(), number)
            }
            return (number, source)
        }
        attributes.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(descriptor, TCSADRAIN, &attributes)
    }

    func end() {
        guard var before else { return }
        tcsetattr(descriptor, TCSADRAIN, &before)
        for (number, source) in watches {
            source.cancel()
            signal(number, SIG_DFL)
        }
    }
}
