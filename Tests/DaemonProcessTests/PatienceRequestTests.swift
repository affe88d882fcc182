import DaemonProcess
import Testing

@Suite("Asking for more time", .timeLimit(.minutes(1)))
struct PatienceRequestTests {
    @Test("it is asked for again and again, as often as is allowed, and not after the end")
    func asking() async {
        let (asked, continuation) = AsyncStream<Void>.makeStream()
        let request = PatienceRequest(first: .milliseconds(20), period: .milliseconds(20), count: 3) {
            continuation.yield()
        }
        var times = asked.makeAsyncIterator()
        for _ in 0..<3 { await times.next() }
        request.end()
        continuation.finish()
        #expect(await times.next() == nil)
    }

    @Test("what is done in time asks for nothing")
    func inTime() async {
        let (asked, continuation) = AsyncStream<Void>.makeStream()
        let request = PatienceRequest(first: .seconds(60)) { continuation.yield() }
        request.end()
        continuation.finish()
        #expect(await asked.first { _ in true } == nil)
    }
}
