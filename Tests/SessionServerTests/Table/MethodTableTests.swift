import SessionProtocol
import Testing

@Suite("The method table")
struct MethodTableTests {
    @Test("has every method once")
    func complete() {
        #expect(
            MethodDescriptor.all.map(\.method).sorted { $0.rawValue < $1.rawValue }
                == Method.allCases.sorted { $0.rawValue < $1.rawValue })
    }

    @Test("has no param twice in a method", arguments: MethodDescriptor.all.map(\.method))
    func distinctParams(method: Method) throws {
        let names = try #require(MethodDescriptor.named[method.rawValue]).allParams.map(\.name)
        #expect(Set(names).count == names.count)
    }

    @Test("the document describes every method with its access, params and result")
    func document() throws {
        let document = OpenRPCDocument.make(version: "9")
        #expect(document["openrpc"]?.stringValue?.hasPrefix("1.3") == true)
        #expect(document["info"]?["version"] == "9")
        let methods = try #require(document["methods"]?.arrayValue)
        #expect(methods.count == Method.allCases.count)
        for method in methods {
            let name = try #require(method["name"]?.stringValue)
            let descriptor = try #require(MethodDescriptor.named[name])
            #expect(method["x-access"]?.stringValue == descriptor.needs?.rawValue)
            #expect(method["params"]?.arrayValue?.count == descriptor.allParams.count)
            #expect(method["result"]?["schema"] != nil)
            #expect(method["errors"]?.arrayValue?.isEmpty == false)
        }
        let token = try #require(methods.first { $0["name"] == "session.token" })
        #expect(token["x-sensitive"] == ["result.tokens"])
        let notifications = document["x-notifications"]?.arrayValue
        #expect(notifications?.compactMap { $0["name"]?.stringValue } == ["session.changed", "subscription.closed"])
        #expect(document.encoded.count < Limits().maxReplyBytes)
    }

    @Test("every schema that is referred to exists")
    func references() throws {
        let document = OpenRPCDocument.make(version: "9")
        let schemas = try #require(document["components"]?["schemas"]?.objectValue)
        func walk(_ value: JSONValue) {
            if let reference = value["$ref"]?.stringValue {
                let name = String(reference.split(separator: "/").last ?? "")
                #expect(schemas[name] != nil, "\(reference)")
            }
            value.objectValue?.values.forEach(walk)
            value.arrayValue?.forEach(walk)
        }
        walk(document)
    }
}
