import SessionClient
import SessionProtocol
import SessionctlCommands

/// 2025-11-22 14:00:00 UTC.
let noon: Int64 = 1_763_820_000_000

/// What a run of `sessionctl` left behind.
struct Run {
    let status: Int32
    let output: String
    let errors: String
    let calls: [ScriptedDaemon.Call]
}

/// Runs one command line against the scripted daemon, at `noon`, in UTC.
@discardableResult
func run(
    _ arguments: String..., daemon: ScriptedDaemon = ScriptedDaemon([:]), console: ScriptedConsole = ScriptedConsole(),
    environment: [String: String] = ["LANG": "C.UTF-8"], interruptions: AsyncStream<Void>? = nil
) async -> Run {
    await run(
        arguments, daemon: daemon, console: console, environment: environment, interruptions: interruptions)
}

/// The same, for a command line as a list.
@discardableResult
func run(
    _ arguments: [String], daemon: ScriptedDaemon, console: ScriptedConsole = ScriptedConsole(),
    environment: [String: String] = ["LANG": "C.UTF-8"], interruptions: AsyncStream<Void>? = nil
) async -> Run {
    let invocation = Invocation(
        connect: { _ throws(SessionError) in daemon }, console: console, environment: { environment[$0] },
        now: { noon }, localTime: .utc, interruptions: { interruptions ?? AsyncStream { _ in } })
    let status = await Sessionctl.run(arguments, in: invocation)
    return Run(status: status, output: console.output, errors: console.errors, calls: daemon.calls)
}

/// A snapshot, active and confirmed 12 s ago unless said otherwise.
func snapshot(
    _ phase: Phase = .active, profile: String = "default", provider: String = "embedded",
    cause: Cause = Cause(.validated, at: noon - 12_000), expiresAt: Int64? = noon + 57 * 60_000,
    user: JSONValue? = ["id": "u1", "username": "ada", "name": "Ada Lovelace"],
    heartbeat: HeartbeatStatus = HeartbeatStatus(
        intervalMs: 180_000, lastAttemptAt: noon - 12_000, lastSuccessAt: noon - 12_000, nextAttemptAt: noon + 168_000),
    challenge: Challenge? = nil, objects: [String: ObjectInfo] = [:]
) -> Snapshot {
    var objects = objects
    objects["user"] = user.map { .available($0, lastValidatedAt: noon - 12_000) } ?? .unavailable(.signedOut)
    return Snapshot(
        profile: profile, provider: provider, instance: "i", revision: 1, phase: phase, cause: cause,
        expiresAt: expiresAt, lastValidatedAt: noon - 12_000, objects: objects, heartbeat: heartbeat,
        challenge: challenge)
}

func signedOut(
    profile: String = "default", provider: String = "embedded", cause: Cause.Kind = .neverSignedIn,
    challenge: Challenge? = nil
) -> Snapshot {
    snapshot(
        challenge == nil ? .signedOut : .challenged, profile: profile, provider: provider,
        cause: Cause(cause, at: noon - 2 * 3_600_000), expiresAt: nil, user: nil,
        heartbeat: HeartbeatStatus(intervalMs: 180_000), challenge: challenge)
}
