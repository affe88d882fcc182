import SessionctlCommands
import Testing

@Suite("Durations on the command line")
struct TimeSpanTests {
    @Test(
        "a number with a unit is a duration",
        arguments: [
            ("500ms", 500), ("90s", 90_000), ("60m", 3_600_000), ("2h", 7_200_000), ("1d", 86_400_000),
            ("36525d", 36_525 * 86_400_000),
        ] as [(String, Int64)])
    func reads(text: String, milliseconds: Int64) {
        #expect(TimeSpan(argument: text)?.milliseconds == milliseconds)
    }

    @Test(
        "anything else is refused rather than guessed",
        arguments: [
            "", "60", "m", "0s", "-5m", "+5m", "1.5h", "5 m", "5M", "5min", "٥m", "36526d", "99999999999999999999d",
            "9223372036854775807d",
        ])
    func refuses(text: String) {
        #expect(TimeSpan(argument: text) == nil)
    }

    @Test("minutes are whole or not at all", arguments: [("90s", nil), ("120s", 2), ("2h", 120)] as [(String, Int64?)])
    func minutes(text: String, expected: Int64?) throws {
        #expect(try #require(TimeSpan(argument: text)).wholeMinutes == expected)
    }
}
