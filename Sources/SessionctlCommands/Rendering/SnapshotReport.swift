package import SessionProtocol

/// One profile's state for people: a headline with a mark, and what follows from it, line by line.
package struct SnapshotReport: Sendable {
    private let snapshot: Snapshot
    private let now: Int64
    private let style: Style
    private static let labelWidth = 10

    /// `now` in Unix milliseconds.
    package init(_ snapshot: Snapshot, now: Int64, style: Style) {
        self.snapshot = snapshot
        self.now = now
        self.style = style
    }

    /// The lines, each ended by a line feed.
    package var text: String {
        let phase = snapshot.phase
        let name = style.paint(Printable.escape(snapshot.profile), .bold)
        let provider = style.paint(Printable.escape(snapshot.provider), .dim)
        let headline =
            "\(phase.mark(style)) \(name)  \(style.paint(phase.rawValue, phase.colour))  \(provider)\n"
        return headline + rows.map { row($0.label, $0.text, $0.colour) }.joined()
    }

    private typealias Row = (label: String, text: String, colour: Style.Colour?)

    private var rows: [Row] {
        var rows: [Row] = []
        if let meaning = snapshot.phase.meaning { rows.append(("state", meaning, nil)) }
        if snapshot.phase.isSignedIn {
            rows.append(("user", Person.named(in: snapshot.objects) ?? "not known yet", nil))
            rows.append(("ends", end, nil))
            rows.append(("confirmed", confirmation, nil))
        } else {
            let age = TimeWords.since(snapshot.cause.at, now: now)
            rows.append(("since", "\(age): \(snapshot.cause.kind.words)", nil))
        }
        if let challenge = snapshot.challenge {
            rows.append(("waits for", ChallengeWords.wanted(challenge), .cyan))
            if let expiresAt = challenge.expiresAt { rows.append(("expires", moment(expiresAt), nil)) }
        }
        if let failing { rows.append(("failing", failing, .yellow)) }
        if let advice { rows.append(("next", advice, .bold)) }
        return rows
    }

    private var end: String {
        if let end = snapshot.expiresAt { return moment(end) }
        // What was handed in and not confirmed yet may have an end that nobody has told.
        if case .unavailable(.notProvided)? = snapshot.objects["session"] { return "not known yet" }
        return "never by itself"
    }

    private func moment(_ time: Int64) -> String {
        "\(TimeWords.until(time, now: now)) (\(style.localTime.near(time, now: now)))"
    }

    private var confirmation: String {
        let last = snapshot.lastValidatedAt.map { TimeWords.since($0, now: now) } ?? "not yet"
        guard let next = snapshot.heartbeat.nextAttemptAt else { return last }
        return "\(last), next \(TimeWords.until(next, now: now))"
    }

    private var failing: String? {
        let heartbeat = snapshot.heartbeat
        guard let error = heartbeat.lastError else { return nil }
        let attempts = heartbeat.failures > 1 ? "\(heartbeat.failures) attempts, last " : ""
        return "\(failureWords(error.kind)) (\(attempts)\(TimeWords.since(error.at, now: now)))"
    }

    private var advice: String? {
        let profile = ShellWord.quote(snapshot.profile)
        if snapshot.challenge != nil { return "sessionctl login --continue --profile \(profile)" }
        if snapshot.heartbeat.lastError?.kind == "misconfigured" { return "an administrator: sessiond --check-config" }
        return switch snapshot.phase {
        case .signedOut, .challenged: "sessionctl login --profile \(profile)"
        case .stale: "sessionctl authenticate --profile \(profile) asks at once"
        case .locked: "sessionctl unlock --profile \(profile)"
        case .sealed: "give the daemon its key; sessionctl health says more"
        case .active, .unverified, .loading: nil
        }
    }

    private func row(_ label: String, _ text: String, _ colour: Style.Colour?) -> String {
        let indent = "    " + label + String(repeating: " ", count: Self.labelWidth - label.count) + " "
        let room = style.columns.map { max($0 - indent.count, 20) }
        let hanging = "\n" + String(repeating: " ", count: indent.count)
        let lines = Wrapping.lines(text, width: room).map { style.paint($0, colour) }.joined(separator: hanging)
        return style.paint(indent, .dim) + lines + "\n"
    }
}

/// Text as one word of a shell command that a person may paste.
package enum ShellWord {
    /// The word, quoted where a shell would not take it as it stands.
    package static func quote(_ word: String) -> String {
        let plain = word.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || byte == 0x2D || byte == 0x2E || byte == 0x5F
        }
        guard !plain || word.isEmpty else { return word }
        return "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
