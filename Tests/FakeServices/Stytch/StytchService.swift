package import SessionProtocol

/// The service as a value: a request and the time go in, an answer comes out.
package struct StytchService: FakeService {
    let project: StytchProject
    var choices = FakeStytchChoices()
    var world: StytchWorld

    init(project: StytchProject, seed: UInt32) {
        self.project = project
        world = StytchWorld(seed: seed)
    }

    package mutating func answer(_ request: FakeRequest, now: Int64) -> FakeAnswer {
        let requestID = world.ids.id("request-id")
        do throws(StytchFault) {
            let call = try admit(request, now: now)
            var payload = try route(call)
            payload["request_id"] = .string(requestID)
            payload["status_code"] = 200
            return .json(call.mode == .sdk ? ["data": .object(payload)] : .object(payload))
        } catch {
            return error.answer(requestID: requestID)
        }
    }

    package func refusal(
        _ code: String, status: Int?, details: [String: JSONValue], to request: FakeRequest
    ) -> FakeAnswer {
        let fault = StytchFault.error(code, status: status ?? StytchFault.status(code), message: "Scripted.")
        var answer = fault.answer(requestID: "request-id-test-scripted")
        guard var members = answer.json?.objectValue else { return answer }
        members.overlay(details)
        answer.body = JSONValue.object(members).encoded
        return answer
    }

    package func payloadPlace(in body: JSONValue) -> [String] { body["data"] == nil ? [] : ["data"] }

    package func errorCode(in body: JSONValue) -> String? { body["error_type"]?.stringValue }

    private mutating func route(_ call: StytchCall) throws(StytchFault) -> StytchPayload {
        let isB2BPath = call.path.hasPrefix("b2b/")
        if call.path.hasPrefix("projects/bootstrap/"), call.mode == .sdk { return try bootstrap(call) }
        if call.path == "events", call.mode == .sdk, call.verb == "POST" { return [:] }
        guard isB2BPath == (project.product == .b2b) else {
            throw call.mode == .sdk ? .of("bad_vertical_for_stytch_sdk") : .of("route_not_found")
        }
        let payload = isB2BPath ? try b2b(call, String(call.path.dropFirst(4))) : try consumer(call)
        guard let payload else { throw .of("route_not_found") }
        return payload
    }
}
