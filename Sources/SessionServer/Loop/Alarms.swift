/// What is to be done later, by time: a binary heap. An alarm that is not wanted any more stays until its time, and is
/// for its owner to ignore.
struct Alarms<Action> {
    private var heap: [(at: Int64, action: Action)] = []

    /// When the next one is due.
    var next: Int64? { heap.first?.at }

    mutating func add(_ action: Action, at: Int64) {
        heap.append((at, action))
        var child = heap.count - 1
        while child > 0, heap[child].at < heap[(child - 1) / 2].at {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Takes out the earliest, where it is due.
    mutating func due(at now: Int64) -> Action? {
        guard let first = heap.first, first.at <= now else { return nil }
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            let left = 2 * parent + 1
            guard left < heap.count else { break }
            let right = left + 1
            let child = right < heap.count && heap[right].at < heap[left].at ? right : left
            guard heap[child].at < heap[parent].at else { break }
            heap.swapAt(child, parent)
            parent = child
        }
        return first.action
    }
}
