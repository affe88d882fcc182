import Glibc

/// How another program ended, and what it wrote.
package struct ProgramOutcome: Sendable {
    /// Its exit status; 128 and the signal's number where a signal ended it.
    package let status: Int32
    package let output: [UInt8]
    package let errors: String

    package init(status: Int32, output: [UInt8], errors: String) {
        self.status = status
        self.output = output
        self.errors = errors
    }

    /// What it complained of, on one line.
    var complaint: String {
        let lines = errors.split(whereSeparator: \.isNewline).map { $0.trimmingSpaces }.filter { !$0.isEmpty }
        return lines.isEmpty ? "status \(status)" : lines.joined(separator: "; ")
    }
}

/// Runs other programs to their end.
package protocol ProgramRunning: Sendable {
    /// - Parameters:
    ///   - words: the program, looked for in PATH unless it has a slash, and its arguments. No secrets: everybody can
    ///     read them.
    ///   - input: at most 32 KiB, so that a pipe takes it at once.
    /// - Returns: nil where there is no such program.
    func run(_ words: [String], input: [UInt8]) throws(CommandFailure) -> ProgramOutcome?
}

/// The programs of this machine, with this process's environment.
package struct SystemPrograms: ProgramRunning {
    package init() {}

    package func run(_ words: [String], input: [UInt8]) throws(CommandFailure) -> ProgramOutcome? {
        let input = try pipe(filledWith: input)
        defer { close(input) }
        let output = try pipe()
        let errors = try pipe()
        defer {
            close(output.read)
            close(errors.read)
        }
        let child: pid_t?
        do {
            defer {
                close(output.write)
                close(errors.write)
            }
            child = try spawn(
                words, [(input, STDIN_FILENO), (output.write, STDOUT_FILENO), (errors.write, STDERR_FILENO)])
        }
        guard let child else { return nil }
        let texts = collect(output.read, errors.read)
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        return ProgramOutcome(
            status: status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + (status & 0x7F), output: texts.output,
            errors: String(decoding: texts.errors, as: UTF8.self))
    }

    private func spawn(_ words: [String], _ descriptors: [(here: Int32, there: Int32)]) throws(CommandFailure) -> pid_t?
    {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (here, there) in descriptors { posix_spawn_file_actions_adddup2(&actions, here, there) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // This process ignores SIGPIPE, which a child would inherit.
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
        var arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var child: pid_t = 0
        let result = posix_spawnp(&child, words[0], &actions, &attributes, &arguments, environ)
        switch result {
        case 0: return child
        case ENOENT: return nil
        default: throw Self.failure("\(words[0]) cannot be started", result)
        }
    }

    /// The reading end of a pipe that holds these bytes and then ends.
    private func pipe(filledWith bytes: [UInt8]) throws(CommandFailure) -> Int32 {
        let ends = try pipe()
        defer { close(ends.write) }
        guard bytes.withUnsafeBytes({ write(ends.write, $0.baseAddress, $0.count) }) == bytes.count else {
            let code = errno
            close(ends.read)
            throw Self.failure("a pipe cannot be filled", code)
        }
        return ends.read
    }

    private func pipe() throws(CommandFailure) -> (read: Int32, write: Int32) {
        var ends: [Int32] = [-1, -1]
        guard Glibc.pipe(&ends) == 0 else { throw Self.failure("a pipe cannot be made", errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    /// Both to their ends, whichever has something first.
    private func collect(_ output: Int32, _ errors: Int32) -> (output: [UInt8], errors: [UInt8]) {
        var texts: [[UInt8]] = [[], []]
        var open = [
            pollfd(fd: output, events: Int16(POLLIN), revents: 0),
            pollfd(fd: errors, events: Int16(POLLIN), revents: 0),
        ]
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while open.contains(where: { $0.fd >= 0 }) {
            guard poll(&open, 2, -1) >= 0 || errno == EINTR else { break }
            for index in open.indices where open[index].fd >= 0 && open[index].revents != 0 {
                let count = read(open[index].fd, &chunk, chunk.count)
                if count > 0 {
                    texts[index] += chunk[..<count]
                } else if count == 0 || errno != EINTR {
                    open[index].fd = -1
                }
            }
        }
        // Keys pass through here.
        explicit_bzero(&chunk, chunk.count)
        return (texts[0], texts[1])
    }

    private static func failure(_ what: String, _ code: Int32) -> CommandFailure {
        CommandFailure(kind: "program", message: "\(what): \(String(cString: strerror(code)))", remedy: "try again")
    }
}

extension Substring {
    fileprivate var trimmingSpaces: String {
        let start = drop { $0 == " " || $0 == "\t" }
        guard let last = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
        return String(start[...last])
    }
}
