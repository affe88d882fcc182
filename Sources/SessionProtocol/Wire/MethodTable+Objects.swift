extension MethodDescriptor {
    private typealias Schema = ResultSchema

    private static let accounts = Schema.list(Schema.object(["id": Schema.text, "title": Schema.text]))

    static let objects: [MethodDescriptor] = [
        MethodDescriptor(
            .userGet, needs: .read, [.profile], result: Schema.objectInfo, "The user, as last confirmed."),
        MethodDescriptor(
            .userFetch, needs: .read, [.profile, .timeout], result: Schema.objectInfo,
            "The user, read from the provider now."),
        MethodDescriptor(
            .userUpdate, needs: .control, [.profile, .change, .expect],
            params: [MethodParam("user", .anyObject, required: true, "The user object.")],
            result: Schema.snapshot, "Replaces the user that is held, until the provider's next answer brings one."),
        MethodDescriptor(
            .accountList, needs: .read, [.profile, .timeout],
            result: Schema.object(["accounts": accounts, "current": ["type": ["string", "null"]]]),
            "The accounts that the user can switch to."),
        MethodDescriptor(
            .accountSwitch, needs: .control, [.profile, .timeout, .change, .expect],
            params: [MethodParam("accountId", .name, required: true, "An id of account.list.")],
            result: Schema.snapshot, "Goes on in another account."),
        MethodDescriptor(
            .accessCheck, needs: .read, [.profile],
            params: [
                MethodParam("required", .string(0...4096), "A requirement in the provider's grammar."),
                MethodParam("resource", .string(1...1024), "What is to be used; with action."),
                MethodParam("action", .string(1...1024), "What is to be done with it; with resource."),
            ],
            result: Schema.object(["allowed": Schema.flag, "lastValidatedAt": Schema.time]),
            "Whether the user may: give required, or resource and action."),
        MethodDescriptor(
            .alertsList, needs: .read, [.profile], result: Schema.object(["alerts": Schema.list([:])]),
            "The alerts that the user may see, most urgent first."),
    ]

    static let watching: [MethodDescriptor] = [
        MethodDescriptor(
            .sessionWatch, needs: .read, [.profile],
            params: [
                MethodParam("all", .boolean, "Watch every profile that the caller may read."),
                MethodParam(
                    "topics", .array(.name, count: 1...32),
                    "Only changes of these: objects of the profile, phase, heartbeat, token."),
                MethodParam(
                    "since",
                    .object([
                        MethodParam("instance", .name, required: true, "The daemon process that told the revision."),
                        MethodParam("revision", .revision, required: true, "The revision last seen."),
                    ]), "Leave the state out where nothing has changed since."),
            ],
            result: Schema.object(
                [
                    "subscription": Schema.text, "resumed": Schema.flag,
                    "state": ["oneOf": [Schema.snapshot, Schema.list(Schema.snapshot)]],
                ], optional: ["state"]),
            "Tells the state, and from then on every change as session.changed."),
        MethodDescriptor(
            .sessionUnwatch, needs: nil, [],
            params: [MethodParam("subscription", .name, required: true, "The subscription to end.")],
            result: Schema.empty, "Ends a subscription of this connection."),
        MethodDescriptor(
            .sessionWait, needs: .read, [.profile, .timeout],
            params: [
                MethodParam(
                    "until", .array(.word(Phase.allCases.map(\.rawValue)), count: 1...Phase.allCases.count),
                    required: true, "The phases to wait for.")
            ],
            result: Schema.snapshot, "The state, once its phase is one of these."),
    ]
}
