package import SessionProtocol

/// The service as a value: a request and the time go in, an answer comes out.
package struct BackstackService: FakeService {
    let appKey: String
    var choices = FakeBackstackChoices()
    var world: BackstackWorld

    init(appKey: String, seed: UInt32) {
        self.appKey = appKey
        world = BackstackWorld(seed: seed)
    }

    package mutating func answer(_ request: FakeRequest, now: Int64) -> FakeAnswer {
        var admitted: BackstackCall?
        do throws(BackstackFault) {
            let call = try admit(request, now: now)
            admitted = call
            return show(try serve(call), call)
        } catch {
            return refuse(error, request, admitted, now: now)
        }
    }

    package func refusal(
        _ code: String, status: Int?, details: [String: JSONValue], to request: FakeRequest
    ) -> FakeAnswer {
        var fault = BackstackFault(status ?? Int(code) ?? 400)
        fault.details = details
        return fault.answer(to: request, choices, appID: world.appID)
    }

    package func payloadPlace(in body: JSONValue) -> [String] {
        guard body["success"] != nil else { return [] }
        return ["data", "payload"].filter { body[$0] != nil }
    }

    package func errorCode(in body: JSONValue) -> String? {
        let code = body.value(at: "error.code") ?? (body["success"] == false ? body.value(at: "payload.code") : nil)
        return code?.integerValue.map { String($0) }
    }

    private mutating func serve(_ call: BackstackCall) throws(BackstackFault) -> BackstackReply {
        switch (call.verb, call.steps.first) {
        case (_, "app"): return try app(call)
        case (_, "user"): return try user(call)
        case (_, "account"): return try account(call)
        case ("GET", "auth-server"): return try fetchJWT(call)
        default: throw .unknownResource
        }
    }
}
