import SessionCore

/// Which keys a call may use. For callers that hold the lock.
extension SealedFileVault {
    /// The keys, read from their sources the first time, and again after every failure.
    func ring(_ state: inout VaultState) throws(VaultError) -> KeyRing {
        if let ring = state.ring { return ring }
        return try reload(&state)
    }

    /// Reads the sources again. Keys that have left their file stay: they still open what they sealed.
    func reload(_ state: inout VaultState) throws(VaultError) -> KeyRing {
        do {
            let ring = state.adopt(try keys.load())
            if state.announced != ring.current.key.id {
                keys.directory.announce(ring.current.key.id)
                state.announced = ring.current.key.id
            }
            return ring
        } catch {
            state.note(error)
            throw .keyUnavailable
        }
    }

    /// As `ring`, when the current key is still in its file: a record sealed under a key that only memory holds would
    /// be lost with the process.
    func ringForSealing(_ state: inout VaultState) throws(VaultError) -> KeyRing {
        let ring = try ring(&state)
        guard let known = state.keyFile else { return ring }
        let place = ring.current.place
        do throws(FileFault) {
            if try keys.identity(of: place) == known { return ring }
        } catch {
            // A file that is there and out of reach still holds what was read from it.
            guard error.isAbsence else { return ring }
            guard place == .stateDirectory else {
                state.note(KeyProblem(place, .absent))
                throw .keyUnavailable
            }
            do {
                try keys.putBack(ring.keys(from: place))
            } catch {
                state.note(error)
                throw .keyUnavailable
            }
            state.tell(.keyPutBack)
        }
        return try reload(&state)
    }
}
