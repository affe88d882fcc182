import Glibc
import SessionProtocol

/// The state of a daemon that knows the user ada and holds no session, made once: hashing a password takes a second in
/// a debug build, and most tests are about something else.
actor Seed {
    static let shared = Seed()
    static let username = "ada"
    static let password = "correct horse battery"

    private var making: Task<[String: [UInt8]], any Error>?

    func plant(in folder: String) async throws {
        let making = making ?? Task { try await Self.make() }
        self.making = making
        for (name, bytes) in try await making.value {
            if let cut = name.lastIndex(of: "/") { mkdir("\(folder)/\(name[..<cut])", 0o700) }
            try Files.write(bytes, to: "\(folder)/\(name)", mode: 0o600)
        }
    }

    private static func make() async throws -> [String: [UInt8]] {
        var setup = DaemonProcess.Setup()
        setup.isSeeded = false
        let daemon = try await DaemonProcess.start(setup)
        try await daemon.connect().call(
            "authority.user.add",
            [
                "username": .string(username), "password": .string(password), "name": "Ada Lovelace",
                "access": ["docs": "crud", "bills": "r"],
            ])
        guard try await daemon.stop() == .status(0) else { throw TooLate(what: "a clean stop:\n\(daemon.log)") }
        return try Files.all(in: daemon.state)
    }
}

extension WireConnection {
    /// Signs ada in without a password, and so without its cost.
    @discardableResult
    func signIn(profile: String? = nil, minutes: Int64 = 60) async throws -> JSONValue {
        let grant = try await call("authority.grant", ["username": .string(Seed.username)])
        var params: [String: JSONValue] = ["sessionDurationMinutes": .integer(minutes)]
        params["accessToken"] = grant["accessToken"]
        params["profile"] = profile.map(JSONValue.string)
        let result = try await call("session.exchange", .object(params))
        guard result["outcome"] == "signedIn", let snapshot = result["snapshot"] else {
            throw TooLate(what: "a sign-in")
        }
        return snapshot
    }
}
