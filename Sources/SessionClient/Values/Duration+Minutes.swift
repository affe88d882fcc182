extension Duration {
    /// A duration of whole minutes.
    public static func minutes(_ minutes: some BinaryInteger) -> Duration { .seconds(Int64(minutes) * 60) }
}

extension Duration {
    /// Milliseconds, rounded up: a wait of less than one is no wait at all.
    var wholeMilliseconds: Int64 { rounded(upTo: 1_000_000_000_000_000) }

    /// Minutes, rounded up: a session is never shorter than was asked for.
    var wholeMinutes: Int64 { rounded(upTo: 60_000_000_000_000_000_000) }

    private func rounded(upTo attoseconds: Int128) -> Int64 {
        let (quotient, remainder) = self.attoseconds.quotientAndRemainder(dividingBy: attoseconds)
        return Int64(clamping: quotient + (remainder > 0 ? 1 : 0))
    }
}
