import DaemonProcess
import FakeServices
import SessionCore
import SessionProviders
import SessionTesting

/// A fake service on a real server, the way to it through the real transport, and what outlives the daemon: the time
/// and the disk.
struct StageParts<Fake: ScriptedFake>: Sendable {
    let clock: ManualClock
    let fake: Fake
    let server: FakeHTTPServer
    let vault: MemoryVault
    let instance: String
    let log = RecordedLog()
    let transport: HTTPTransport

    init(_ clock: ManualClock, _ fake: Fake, _ server: FakeHTTPServer, vault: MemoryVault, instance: String) {
        self.clock = clock
        self.fake = fake
        self.server = server
        self.vault = vault
        self.instance = instance
        transport = HTTPTransport(environment: [:], clock: SystemClock(), logger: log.logger)
    }

    /// Unix milliseconds.
    var now: @Sendable () -> Int64 { { [clock] in clock.now().wall } }

    /// The way to the service.
    func upstream(basePath: String = "", callMs: Int64) -> Upstream {
        transport.upstream(UpstreamSettings(baseURL: server.baseURL + basePath, caFile: nil, timeoutMs: callMs))
    }

    /// A profile of that provider. The keeper's own limit is out of the way unless `configure` wants it.
    func profile(of provider: any SessionProvider, configure: (inout ProfileSettings) -> Void = { _ in })
        -> KeptProfile
    {
        KeptProfile(provider: provider, clock: clock, vault: vault, instance: instance, logger: log.logger) {
            settings in
            settings.heartbeat.timeoutMs = 600_000
            configure(&settings)
        }
    }
}
