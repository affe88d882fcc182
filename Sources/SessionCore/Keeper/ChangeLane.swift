/// Lets one change at a time through, in the order of arrival. Lives inside an actor and is guarded by it.
struct ChangeLane {
    private(set) var isOccupied = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// Takes the lane if it is free; otherwise the caller must `join` it.
    mutating func tryEnter() -> Bool {
        if isOccupied { return false }
        isOccupied = true
        return true
    }

    mutating func join(_ continuation: CheckedContinuation<Void, Never>) {
        waiting.append(continuation)
    }

    /// Hands the lane to the next in line, which finds it still occupied: nobody can slip in between.
    mutating func leave() {
        if waiting.isEmpty {
            isOccupied = false
        } else {
            waiting.removeFirst().resume()
        }
    }
}
