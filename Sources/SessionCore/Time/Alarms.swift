/// When each of them is to be woken: one time a key, in a binary heap that knows where each key is.
package struct Alarms<Key: Hashable> {
    private var heap: [(at: Int64, key: Key)] = []
    private var places: [Key: Int] = [:]

    package init() {}

    /// When the next one is due.
    package var next: Int64? { heap.first?.at }

    package var count: Int { heap.count }

    /// Sets the time of a key, whatever it was before.
    package mutating func set(_ key: Key, at time: Int64) {
        if let place = places[key] {
            heap[place].at = time
            settle(place)
        } else {
            heap.append((time, key))
            places[key] = heap.count - 1
            settle(heap.count - 1)
        }
    }

    package mutating func remove(_ key: Key) {
        guard let place = places.removeValue(forKey: key) else { return }
        let last = heap.removeLast()
        guard place < heap.count else { return }
        heap[place] = last
        places[last.key] = place
        settle(place)
    }

    /// Takes out the earliest, where it is due.
    package mutating func due(at now: Int64) -> Key? {
        guard let first = heap.first, first.at <= now else { return nil }
        remove(first.key)
        return first.key
    }

    /// Moves an entry to where its time belongs.
    private mutating func settle(_ start: Int) {
        var place = start
        while place > 0, heap[place].at < heap[(place - 1) / 2].at {
            swap(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
        while true {
            let left = 2 * place + 1
            guard left < heap.count else { return }
            let right = left + 1
            let child = right < heap.count && heap[right].at < heap[left].at ? right : left
            guard heap[child].at < heap[place].at else { return }
            swap(place, child)
            place = child
        }
    }

    private mutating func swap(_ one: Int, _ other: Int) {
        heap.swapAt(one, other)
        places[heap[one].key] = one
        places[heap[other].key] = other
    }
}
