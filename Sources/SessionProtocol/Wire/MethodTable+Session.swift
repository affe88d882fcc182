extension MethodDescriptor {
    private typealias Schema = ResultSchema

    /// What a sign-in and its further steps have in common.
    private static let signingIn: Traits = [.profile, .timeout, .change, .expect, .fields]
    private static let remoteChange: Traits = [.profile, .timeout, .change, .expect]
    private static let localChange: Traits = [.profile, .change, .expect]

    private static let duration = MethodParam(
        "sessionDurationMinutes", .integer(5...527_040), "How long the session is to last, from now.")
    private static let minValid = MethodParam(
        "minValidMs", .integer(0...9_007_199_254_740_991),
        "Renew a token first that has less than this left; 0 where left out.")

    static let session: [MethodDescriptor] = [
        MethodDescriptor(
            .sessionGet, needs: .read, [.profile], result: Schema.snapshot,
            "The profile's state. Never asks the provider."),
        MethodDescriptor(
            .sessionToken, needs: .token, [.profile, .timeout], params: [minValid],
            result: Schema.object(
                [
                    "profile": Schema.text, "revision": Schema.integer, "stale": Schema.flag,
                    "expiresAt": Schema.time,
                    "tokens": Schema.object(
                        [
                            "sessionToken": Schema.text, "sessionJwt": Schema.text, "accessToken": Schema.text,
                            "idToken": Schema.text,
                        ], optional: ["sessionToken", "sessionJwt", "accessToken", "idToken"]),
                    "jwtExpiresAt": Schema.integer,
                ], optional: ["jwtExpiresAt"]),
            sensitiveResults: ["tokens"], "The session's credentials."),
        MethodDescriptor(
            .sessionHeaders, needs: .token, [.profile, .timeout], params: [minValid],
            result: Schema.object(["headers": ["type": "object", "additionalProperties": Schema.text]]),
            sensitiveResults: ["headers"], "What a request to the provider's API must carry."),
        MethodDescriptor(
            .sessionSignIn, needs: .control, signingIn,
            params: [MethodParam("method", .name, required: true, "How to sign in."), duration],
            result: Schema.signIn, "Signs in."),
        MethodDescriptor(
            .sessionAnswer, needs: .control, signingIn,
            params: [MethodParam("challenge", .name, required: true, "The id of the open challenge."), duration],
            result: Schema.signIn, "Answers the open challenge."),
        MethodDescriptor(
            .sessionSignUp, needs: .control, signingIn,
            params: [MethodParam("method", .name, required: true, "How to sign up."), duration],
            result: Schema.signIn, "Makes an account and signs in to it."),
        MethodDescriptor(
            .sessionExchange, needs: .control, remoteChange,
            params: [
                MethodParam("accessToken", .text, sensitive: true, "A grant or connected app's access token."),
                MethodParam("organizationId", .name, "The organization to go on in."), duration,
            ],
            result: Schema.signIn, "Signs in with what another sign-in gave: one of accessToken, organizationId."),
        MethodDescriptor(
            .sessionAuthenticate, needs: .control, remoteChange, params: [duration], result: Schema.snapshot,
            "Validates the session; with a duration, also moves its end to that many minutes from now."),
        MethodDescriptor(
            .sessionUpdate, needs: .control, localChange,
            params: [
                MethodParam("sessionToken", .text, sensitive: true, "The session's token."),
                MethodParam("sessionJwt", .text, sensitive: true, "The session's JWT."),
                MethodParam("session", .anyObject, sensitive: true, "The session object, perhaps with its token."),
                MethodParam("user", .anyObject, "The user object."),
            ],
            result: Schema.snapshot, "Takes over a session from elsewhere; the next heartbeat confirms it."),
        MethodDescriptor(
            .sessionRevoke, needs: .control, remoteChange,
            params: [
                MethodParam(
                    "target",
                    .either(
                        .word(["current", "others", "all"]),
                        .object([MethodParam("id", .name, required: true, "An id of session.list.")])),
                    "Which sessions to end; current where left out."),
                MethodParam("force", .boolean, "End the local session now, and tell the provider when it answers."),
            ],
            result: Schema.object(["confirmed": Schema.flag, "pending": Schema.flag, "snapshot": Schema.snapshot]),
            "Ends sessions at the provider."),
        MethodDescriptor(
            .sessionInvalidate, needs: .control, localChange,
            result: Schema.object(["snapshot": Schema.snapshot, "signInURL": Schema.text], optional: ["signInURL"]),
            "Ends the local session, memory and store, without telling the provider."),
        MethodDescriptor(
            .sessionClearLocal, needs: .control, localChange, result: Schema.snapshot,
            "Deletes what is stored; the session goes on in memory until the daemon stops."),
        MethodDescriptor(
            .sessionList, needs: .read, [.profile, .timeout],
            result: Schema.object([
                "sessions": Schema.list(
                    Schema.object(
                        [
                            "id": Schema.text, "current": Schema.flag, "createdAt": Schema.integer,
                            "userAgent": Schema.text, "value": Schema.anyObject,
                        ], optional: ["createdAt", "userAgent"]))
            ]),
            "The user's sessions, tokens removed."),
        MethodDescriptor(
            .sessionLock, needs: .control, remoteChange, result: Schema.snapshot, "Locks the screen at the provider."),
        MethodDescriptor(
            .sessionUnlock, needs: .control, remoteChange,
            params: [MethodParam("password", .text, required: true, sensitive: true, "The user's password.")],
            result: Schema.snapshot, "Unlocks the screen."),
    ]
}
