import Glibc
import SessionProtocol
import Testing

extension Wire {
    @Suite("rpc.discover", .timeLimit(.minutes(1)))
    struct DiscoverTests {
        /// The methods that docs/protocol.md lists, in its tables' first columns.
        private static func documented() throws -> Set<String> {
            let file = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
            let text = try Files.text("/\(file)/docs/protocol.md")
            let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `") }
            let names = rows.flatMap { row -> [Substring] in
                let cell = row.split(separator: "|").first ?? ""
                return cell.split(separator: "`").filter { $0.contains(".") && !$0.contains(" ") }
            }
            return Set(names.map(String.init))
        }

        @Test("lists the protocol's methods, all of which answer, and no others")
        func methods() async throws {
            let daemon = try await DaemonProcess.start()
            let connection = try daemon.connect()
            let document = try await connection.call("rpc.discover")
            let names = document["methods"]?.arrayValue?.compactMap { $0["name"]?.stringValue } ?? []
            #expect(Set(names).count == names.count)
            let missing = try Self.documented().subtracting(names).sorted()
            let extra = Set(names).subtracting(try Self.documented()).sorted()
            #expect(missing.isEmpty && extra.isEmpty, "missing \(missing), extra \(extra)")
            for name in names {
                let reply = try await connection.reply(name)
                #expect(reply["error"]?["code"] != -32601, "\(name)")
            }
            for name in names {
                for other in [name + "x", name.uppercased(), String(name.dropLast())] {
                    #expect(try await connection.failure(other).kind == "methodNotFound", "\(other)")
                }
            }
        }

        @Test("tells the truth about params: what it does not list is refused, what it requires is asked for")
        func params() async throws {
            let daemon = try await DaemonProcess.start()
            let connection = try daemon.connect()
            let methods = try await connection.call("rpc.discover")["methods"]?.arrayValue ?? []
            for method in methods {
                let name = method["name"]?.stringValue ?? ""
                let params = method["params"]?.arrayValue ?? []
                if params.contains(where: { $0["required"] == true }) {
                    #expect(try await connection.failure(name).kind == "invalidParams", "\(name) without its params")
                }
                if method["x-additionalParams"] == nil {
                    let failure = try await connection.failure(name, ["noSuchParam": 1])
                    #expect(failure.kind == "invalidParams", "\(name) with an unknown param")
                    #expect(failure.data["unknown"] == ["noSuchParam"], "\(name)")
                }
            }
        }

        @Test("a long mixed conversation holds to its schemas, and every error to the table of kinds")
        func schemas() async throws {
            let daemon = try await DaemonProcess.start()
            let connection = try daemon.connect()
            let document = try await connection.call("rpc.discover")
            let checker = SchemaChecker(document: document)
            let methods = Dictionary(
                uniqueKeysWithValues: (document["methods"]?.arrayValue ?? []).map { ($0["name"] ?? .null, $0) })
            var seen: Set<String> = []
            for (name, params) in try await Conversation.script(daemon) {
                let reply = try await connection.reply(name, params)
                let schema = methods[.string(name)]?["result"]?["schema"] ?? .null
                if let result = reply["result"] {
                    let problems = checker.problems(result, schema)
                    #expect(problems.isEmpty, "\(name): \(problems)")
                    seen.insert(name)
                } else {
                    let error = reply["error"] ?? .null
                    let kind = error["data"]?["kind"]?.stringValue ?? ""
                    #expect(Conversation.codes[kind] == error["code"]?.integerValue, "\(name): \(kind)")
                    #expect(error["data"]?["retryable"]?.boolValue != nil, "\(name): \(kind)")
                    #expect(error["message"]?.stringValue?.isEmpty == false)
                    let declared = methods[.string(name)]?["errors"]?.arrayValue?.compactMap {
                        $0["message"]?.stringValue
                    }
                    #expect(declared?.contains(kind) != false, "\(name) does not declare \(kind)")
                }
            }
            let never = Set(methods.keys.compactMap(\.stringValue)).subtracting(seen).subtracting(
                Conversation.unsupported)
            #expect(never.isEmpty, "never answered well: \(never.sorted())")
        }
    }
}
