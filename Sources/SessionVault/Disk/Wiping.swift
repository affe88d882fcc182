import FoundationEssentials
import Glibc

/// Overwrites memory that carried a secret, in a way that the optimiser keeps.
func wipe(_ memory: UnsafeMutableRawBufferPointer) {
    guard let start = memory.baseAddress else { return }
    explicit_bzero(start, memory.count)
}

/// Only this copy: a buffer that is shared is copied first, and the other stays.
func wipe(_ bytes: inout [UInt8]) {
    bytes.withUnsafeMutableBytes { wipe($0) }
}

func wipe(_ data: inout Data) {
    data.withUnsafeMutableBytes { wipe($0) }
}
