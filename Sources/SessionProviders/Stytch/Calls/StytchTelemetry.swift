import CLinux
import FoundationEssentials
import SessionCore
import SessionProtocol

/// The `X-SDK-Client` header, by which Stytch checks the app: base64 of JSON, as its own SDKs send it.
///
/// The ids that SDKs use to follow a device over time are made anew by every daemon process.
struct StytchTelemetry: Sendable {
    private let constant: [String: JSONValue]

    init(appIdentifier: String) {
        var release = [CChar](repeating: 0, count: 128)
        var machine = [CChar](repeating: 0, count: 128)
        cl_kernel(&release, release.count, &machine, machine.count)
        constant = [
            "app_session_id": .string("app-session-id-" + newIdentifier()),
            "persistent_id": .string("persistent-id-" + newIdentifier()),
            "timezone": .string(TimeZone.current.identifier),
            "sdk": ["identifier": "sessiond-swift", "version": .string(ProductVersion.current)],
            "app": ["identifier": .string(appIdentifier), "version": .string(ProductVersion.current)],
            "os": ["identifier": "Linux", "version": .string(Self.text(release))],
            "device": ["model": .string(Self.text(machine)), "screen_size": "0x0"],
        ]
    }

    func header(at now: Int64) -> String {
        var members = constant
        members["event_id"] = .string("event-id-" + newIdentifier())
        members["client_sent_at"] = .string(
            Date(timeIntervalSince1970: Double(now) / 1000).formatted(
                Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
        return Data(JSONValue.object(members).encoded).base64EncodedString()
    }

    private static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
