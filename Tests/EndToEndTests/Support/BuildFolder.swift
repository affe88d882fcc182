import Glibc

/// Where this build's programs are: beside the binary of the tests.
enum BuildFolder {
    static let path: String = {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let path = String(decoding: buffer.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }()

    static let sessiond = path + "/sessiond"
    static let sessionctl = path + "/sessionctl"
    static let sessionWatch = path + "/session-watch"
}
