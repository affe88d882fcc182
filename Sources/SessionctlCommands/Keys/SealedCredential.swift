import ArgumentParser

/// What an encrypted credential is bound to (systemd-creds(1), --with-key).
enum SealingKey: String, Sendable, CaseIterable, ExpressibleByArgument {
    case host, tpm2, auto
    case both = "host+tpm2"
}

/// An encrypted credential of systemd's. Keys go through pipes alone, never through arguments or files.
struct SealedCredential: Sendable {
    let name: String
    let programs: any ProgramRunning

    /// What the sealed bytes hold.
    func open(_ sealed: [UInt8]) throws(CommandFailure) -> [UInt8] {
        let outcome = try run(["decrypt", "--name=\(name)", "-", "-"], input: sealed)
        guard outcome.status == 0 else {
            throw CommandFailure(
                kind: "credential", message: "systemd-creds cannot decrypt \(name): \(outcome.complaint)",
                remedy: """
                    run it as root; a credential opens on the machine alone that made it, with its \
                    /var/lib/systemd/credential.secret and TPM: put these back, or make it anew from a copy of the key
                    """)
        }
        return outcome.output
    }

    /// Seals the bytes, and makes sure that they can be opened again.
    func seal(_ key: [UInt8], with sealingKey: SealingKey?) throws(CommandFailure) -> [UInt8] {
        let choice = sealingKey.map { ["--with-key=\($0.rawValue)"] } ?? []
        let outcome = try run(["encrypt", "--name=\(name)"] + choice + ["-", "-"], input: key)
        guard outcome.status == 0 else {
            throw CommandFailure(
                kind: "credential", message: "systemd-creds cannot encrypt \(name): \(outcome.complaint)",
                remedy: sealingKey == .tpm2 || sealingKey == .both
                    ? "see `systemd-creds has-tpm2`, or bind it to the machine alone with --with-key=host"
                    : "run it as root, or see that `systemd-creds setup` works")
        }
        guard try open(outcome.output) == key else {
            throw CommandFailure(
                kind: "credential", message: "systemd-creds does not open what it has encrypted; nothing was changed",
                remedy: "look at the TPM, or bind it to the machine alone with --with-key=host")
        }
        return outcome.output
    }

    private func run(_ words: [String], input: [UInt8]) throws(CommandFailure) -> ProgramOutcome {
        guard let outcome = try programs.run(["systemd-creds"] + words, input: input) else {
            throw CommandFailure(
                kind: "program", message: "there is no systemd-creds on this machine",
                remedy: "install systemd 250 or later, or keep the key in a file")
        }
        return outcome
    }
}
