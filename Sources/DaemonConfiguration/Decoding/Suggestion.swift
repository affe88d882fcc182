/// "did you mean …?", where one of the known words is close to what was written.
func suggestion(for word: String, among known: [String]) -> String? {
    let written = Array(word.prefix(64).lowercased())
    let closest = known.map { (word: $0, distance: editDistance(written, Array($0.lowercased()))) }
        .min { $0.distance < $1.distance }
    // Of two letters any two look alike.
    guard let closest, closest.word.count > 2, closest.distance <= max(1, closest.word.count / 3) else { return nil }
    return "did you mean \(closest.word)?"
}

/// Letters to insert, delete, replace or swap with their neighbour (optimal string alignment).
private func editDistance(_ left: [Character], _ right: [Character]) -> Int {
    var beforePrevious: [Int] = []
    var previous = Array(0...right.count)
    for (i, a) in left.enumerated() {
        var current = [i + 1]
        for (j, b) in right.enumerated() {
            var cost = min(previous[j] + (a == b ? 0 : 1), previous[j + 1] + 1, current[j] + 1)
            if i > 0, j > 0, a == right[j - 1], left[i - 1] == b { cost = min(cost, beforePrevious[j - 1] + 1) }
            current.append(cost)
        }
        beforePrevious = previous
        previous = current
    }
    return previous[right.count]
}
