import SessionCore
import Testing

@Suite("Wake-ups")
struct WakeTests {
    @Test(
        "two are joined at the earlier, and no later than either may be",
        arguments: [
            (Wake(boot: 10), Wake(boot: 12, toleranceMs: 5), Wake(boot: 10)),
            (Wake(boot: 10, toleranceMs: 5), Wake(boot: 12), Wake(boot: 10, toleranceMs: 2)),
            (Wake(boot: 10, toleranceMs: 5), Wake(boot: 20), Wake(boot: 10, toleranceMs: 5)),
            (Wake(boot: 10, toleranceMs: 5), Wake(boot: 11, toleranceMs: 9), Wake(boot: 10, toleranceMs: 5)),
            (Wake(boot: 10), Wake(boot: .max), Wake(boot: 10)),
        ])
    func joined(one: Wake, other: Wake, both: Wake) {
        #expect(one.joined(with: other) == both)
        #expect(other.joined(with: one) == both)
    }

    @Test("the shared time is within the tolerance, and there are few of them")
    func shared() {
        for tolerance: Int64 in [0, 1, 2, 3, 15, 16, 31, 62, 1000] {
            let times = (1_000_000..<1_001_024).map { Wake(boot: $0, toleranceMs: tolerance) }
            for wake in times { #expect(wake.shared >= wake.boot && wake.shared <= wake.latest) }
            #expect(Int64(Set(times.map(\.shared)).count) <= 2 * 1024 / (tolerance + 1) + 1)
        }
        #expect(Wake(boot: .min).shared == .min && Wake(boot: .max).shared == .max)
    }
}
