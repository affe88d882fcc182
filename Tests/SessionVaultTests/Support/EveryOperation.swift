import Testing

@testable import SessionVault

/// One run of `act` in which one file operation failed.
struct FailedRun {
    let workshop: Workshop
    /// The vault that met the failure. With `FaultyFiles.Fault.refuse` its disk works again.
    let vault: SealedFileVault
    let position: Int
    let operation: FileOperation
    /// What `act` threw.
    let error: (any Error)?
}

/// Runs `act` once for each of its file operations, with that one failing, on a fresh state directory that `prepare`
/// has filled through a healthy vault. Returns how many there were.
@discardableResult
func failEveryOperation(
    with fault: FaultyFiles.Fault, without missing: [FileOperation: Int32] = [:],
    prepare: (Workshop) throws -> Void,
    act: (SealedFileVault) throws -> Void,
    check: (FailedRun) throws -> Void
) throws -> Int {
    let rehearsal = try Workshop()
    let healthy = FaultyFiles(without: missing)
    try prepare(rehearsal)
    try act(rehearsal.vault(files: healthy))
    let operations = healthy.asked

    for position in operations.indices {
        let workshop = try Workshop()
        try prepare(workshop)
        let vault = workshop.vault(files: FaultyFiles(fault, at: position, without: missing))
        var thrown: (any Error)?
        do { try act(vault) } catch { thrown = error }
        try check(
            FailedRun(
                workshop: workshop, vault: vault, position: position, operation: operations[position], error: thrown))
    }
    return operations.count
}
