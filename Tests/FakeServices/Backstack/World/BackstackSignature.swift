import Crypto
import FoundationEssentials

/// The `access_signature`: for an empty access it is MD5 of `[]`, so it is taken for MD5 of PHP's JSON of the access.
enum BackstackSignature {
    static func of(_ access: [String: String]) -> String {
        let members = access.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\"\($0.value)\"" }
        let text = access.isEmpty ? "[]" : "{\(members.joined(separator: ","))}"
        return Insecure.MD5.hash(data: Data(text.utf8)).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
