import SessionCore
import SessionTesting
import Testing

@Suite("Alarms")
struct AlarmsTests {
    @Test("a key has one time, the newest, and each comes when it is due, the earliest first")
    func order() {
        var alarms = Alarms<Int>()
        var times: [Int: Int64] = [:]
        var random = SplitMix(state: 0xA1A)
        for round in 0..<4000 {
            let key = Int.random(in: 0..<60, using: &random)
            switch round % 5 {
            case 0:
                alarms.remove(key)
                times[key] = nil
            case 1:
                let now = Int64.random(in: 0..<1000, using: &random)
                while let due = alarms.due(at: now) {
                    #expect(times[due] == times.values.min())
                    #expect((times.removeValue(forKey: due) ?? .max) <= now)
                }
                #expect(times.values.allSatisfy { $0 > now })
            default:
                let time = Int64.random(in: 0..<1000, using: &random)
                alarms.set(key, at: time)
                times[key] = time
            }
            #expect(alarms.next == times.values.min() && alarms.count == times.count)
        }
    }
}
