/// How long to wait before the next attempt, in milliseconds.
///
/// The daemon is on this machine: a restart takes a tenth of a second, and trying again is one system call. So the
/// first waits are short, and the longest is still one that a person bears.
///
/// | attempt | wait before jitter |
/// |---|---|
/// | 0, 1, 2, 3 | 50, 100, 200, 400 |
/// | 7 and more | 5000 |
struct Backoff {
    private(set) var failures = 0
    private let firstWait: Int64
    private var generator: SplitMix64

    init(seed: UInt64, firstWait: Int64 = 50) {
        self.firstWait = firstWait
        generator = SplitMix64(state: seed)
    }

    /// Counts a failure and answers with the wait after it: half of the table's value plus up to as much at random,
    /// so that the clients of a restarted daemon do not come back all at once.
    mutating func next() -> Int64 {
        let base = failures >= 7 ? firstWait * 100 : firstWait << Int64(failures)
        failures += 1
        return base / 2 + Int64.random(in: 0...base / 2, using: &generator)
    }

    mutating func reset() { failures = 0 }
}

/// Steele, Lea and Flood's SplitMix64: spreads waits, protects nothing.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
