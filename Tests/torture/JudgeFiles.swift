import Glibc

/// Says of each file named in the arguments whether its bytes are JSON, for Tests/torture/run.sh.
@main
enum JudgeFiles {
    static func main() {
        for path in CommandLine.arguments.dropFirst() {
            let name = path.split(separator: "/").last.map(String.init) ?? path
            let verdict: String
            do throws(JSONParseError) {
                _ = try JSONValue.parse(contents(of: path))
                verdict = "accepted"
            } catch {
                verdict = "refused \(error)"
            }
            print(name, verdict)
        }
    }

    private static func contents(of path: String) -> [UInt8] {
        guard let file = fopen(path, "rb") else { fail("cannot open \(path)") }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        while true {
            let byte = getc(file)
            guard byte != EOF else { return bytes }
            bytes.append(UInt8(truncatingIfNeeded: byte))
        }
    }

    private static func fail(_ message: String) -> Never {
        print(message)
        exit(2)
    }
}
