import NIOHTTP1
import SessionProtocol

extension UpstreamRequest {
    /// nil where the path would not stay inside the request line, or would be cut at a fragment.
    var checkedPath: String? {
        guard path.isEmpty || path.hasPrefix("/") else { return nil }
        return path.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") } ? path : nil
    }

    /// The headers as sent, in a fixed order. nil where a name or value would not stay inside its line: one with a line
    /// break could add a header or a second request, and a stripped one would be another token than was meant.
    var checkedHeaders: HTTPHeaders? {
        var sent = HTTPHeaders()
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) {
            guard Self.isToken(name), value.utf8.allSatisfy({ $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) }) else {
                return nil
            }
            sent.add(name: name, value: value)
        }
        if !sent.contains(name: "accept") { sent.add(name: "Accept", value: "application/json") }
        if !sent.contains(name: "user-agent") {
            sent.add(name: "User-Agent", value: "sessiond/\(ProductVersion.current)")
        }
        return sent
    }

    /// RFC 9110, section 5.6.2.
    private static func isToken(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }
}
