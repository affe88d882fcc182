import SessionProtocol
import SessionctlCommands
import Testing

@Suite("Status, profile by profile")
struct SnapshotReportTests {
    static let cases: [(Snapshot, String)] = [
        (
            snapshot(),
            """
            ● default  active  embedded
                user       Ada Lovelace (ada)
                ends       in 57 min (14:57)
                confirmed  12 s ago, next in 2 min 48 s

            """
        ),
        (
            snapshot(expiresAt: nil, user: nil),
            """
            ● default  active  embedded
                user       not known yet
                ends       never by itself
                confirmed  12 s ago, next in 2 min 48 s

            """
        ),
        (
            snapshot(expiresAt: nil, user: nil, objects: ["session": .unavailable(.notProvided)]),
            """
            ● default  active  embedded
                user       not known yet
                ends       not known yet
                confirmed  12 s ago, next in 2 min 48 s

            """
        ),
        (
            snapshot(
                .stale, profile: "shop", provider: "stytch", cause: Cause(.upstreamUnavailable, at: noon - 100_000),
                heartbeat: HeartbeatStatus(
                    intervalMs: 180_000, lastAttemptAt: noon - 8000, lastSuccessAt: noon - 12_000,
                    nextAttemptAt: noon + 34_000, failures: 3,
                    lastError: .init(kind: "upstreamUnavailable", at: noon - 8000))),
            """
            ● shop  stale  stytch
                state      signed in; the auth service cannot confirm it at present
                user       Ada Lovelace (ada)
                ends       in 57 min (14:57)
                confirmed  12 s ago, next in 34 s
                failing    the auth service cannot be reached (3 attempts, last 8 s ago)
                next       sessionctl authenticate --profile shop asks at once

            """
        ),
        (
            signedOut(cause: .expired),
            """
            ○ default  signedOut  embedded
                since      2 h ago: the session reached its end
                next       sessionctl login --profile default

            """
        ),
        (
            signedOut(
                cause: .challenged,
                challenge: Challenge(
                    id: "c", kind: "otp", expiresAt: noon + 120_000, details: ["sentTo": "…\u{1B}12"])),
            """
            ◌ default  challenged  embedded
                state      the sign-in waits for its next step
                since      2 h ago: the sign-in needs one more step
                waits for  the code sent to …\\u{1B}12
                expires    in 2 min (14:02)
                next       sessionctl login --continue --profile default

            """
        ),
        (
            snapshot(
                .sealed, cause: Cause(.keyUnavailable, at: noon - 60_000), expiresAt: nil, user: nil,
                heartbeat: HeartbeatStatus(intervalMs: 180_000)),
            """
            ■ default  sealed  embedded
                state      a session is stored and cannot be opened now; nothing is lost
                since      1 min ago: the vault's key cannot be read
                next       give the daemon its key; sessionctl health says more

            """
        ),
        (
            snapshot(.locked, profile: "front desk", provider: "backstack"),
            """
            ● front desk  locked  backstack
                state      signed in; the screen is locked and access is empty
                user       Ada Lovelace (ada)
                ends       in 57 min (14:57)
                confirmed  12 s ago, next in 2 min 48 s
                next       sessionctl unlock --profile 'front desk'

            """
        ),
    ]

    @Test("says who, how long, how sure, and what to do next", arguments: cases)
    func text(snapshot: Snapshot, expected: String) {
        #expect(SnapshotReport(snapshot, now: noon, style: Style()).text == expected)
    }

    @Test("on a narrow terminal text is wrapped under itself")
    func wrapped() {
        let text = SnapshotReport(Self.cases[3].0, now: noon, style: Style(columns: 40)).text
        #expect(text.contains("    state      signed in; the auth\n               service cannot confirm it\n"))
        #expect(text.split(separator: "\n").allSatisfy { DisplayWidth.of(String($0)) <= 40 })
    }

    @Test("in a locale without UTF-8 the marks are ASCII", arguments: Phase.allCases)
    func ascii(phase: Phase) {
        let text = SnapshotReport(snapshot(phase), now: noon, style: Style(unicode: false)).text
        #expect(text.utf8.allSatisfy { $0 < 0x80 })
    }

    @Test("every phase has a coloured mark and every line ends its colours", arguments: Phase.allCases)
    func colours(phase: Phase) {
        let text = SnapshotReport(snapshot(phase), now: noon, style: Style(colour: true)).text
        #expect(text.hasPrefix("\u{1B}["))
        for line in text.split(separator: "\n") where line.contains("\u{1B}[") {
            #expect(line.split(separator: "\u{1B}[").last?.hasPrefix("0m") == true)
        }
    }

    @Test("a change line says when, what, why and until when")
    func changeLine() {
        let before = signedOut()
        let after = snapshot(
            cause: Cause(.signedIn, at: noon), objects: ["session": .available([:], lastValidatedAt: 1)])
        #expect(
            ChangeLine.text(after, previous: before, now: noon, style: Style())
                == "14:00:00  ● default  active  signedIn  [expiresAt phase session user]  Ada Lovelace (ada)  until 14:57\n"
        )
        #expect(
            ChangeLine.text(before, previous: nil, now: noon, style: Style())
                == "14:00:00  ○ default  signedOut  neverSignedIn\n")
    }

    @Test("being confirmed again is no change")
    func confirmedAgain() {
        let first = snapshot()
        var second = first
        second.lastValidatedAt = noon
        second.objects["user"] = .available(
            ["id": "u1", "username": "ada", "name": "Ada Lovelace"], lastValidatedAt: noon)
        #expect(ChangeSet(from: first, to: second).names.isEmpty)
    }
}
