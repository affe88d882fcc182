extension MethodDescriptor {
    private typealias Schema = ResultSchema

    private static let username = MethodParam("username", .text, required: true, "1 to 128 characters.")
    private static let access = MethodParam(
        "access", .map(.string(0...64)), "Letters of crud, by feature.")

    static let authority: [MethodDescriptor] = [
        MethodDescriptor(
            .authorityUsers, needs: .admin, [.profile],
            result: Schema.object(["users": Schema.list(Schema.authorityUser)]), "The authority's users."),
        MethodDescriptor(
            .authorityUserAdd, needs: .admin, [.profile, .change],
            params: [
                username,
                MethodParam("password", .string(0...4096), required: true, sensitive: true, "8 to 1024 bytes."),
                MethodParam("name", .string(0...1024), "For people to read."), access,
            ],
            result: Schema.object(["user": Schema.authorityUser]), "Adds a user."),
        MethodDescriptor(
            .authorityUserUpdate, needs: .admin, [.profile, .change],
            params: [
                username, MethodParam("name", .string(0...1024), "For people to read."),
                MethodParam(
                    "password", .string(0...4096), sensitive: true, "8 to 1024 bytes; ends the user's sessions."),
                MethodParam("disabled", .boolean, "true ends the user's sessions."), access,
            ],
            result: Schema.object(["user": Schema.authorityUser]), "Changes a user; what is left out stays."),
        MethodDescriptor(
            .authorityUserRemove, needs: .admin, [.profile, .change], params: [username], result: Schema.empty,
            "Removes a user and ends the user's sessions."),
        MethodDescriptor(
            .authoritySessions, needs: .admin, [.profile],
            params: [MethodParam("username", .text, "Only this user's.")],
            result: Schema.object([
                "sessions": Schema.list(
                    Schema.object([
                        "id": Schema.text, "username": Schema.text, "startedAt": Schema.integer,
                        "expiresAt": Schema.integer, "lastSeenAt": Schema.integer,
                    ]))
            ]),
            "The live sessions."),
        MethodDescriptor(
            .authoritySessionRevoke, needs: .admin, [.profile, .change],
            params: [MethodParam("id", .name, required: true, "An id of authority.sessions.")], result: Schema.empty,
            "Ends a session."),
        MethodDescriptor(
            .authorityGrant, needs: .admin, [.profile, .change],
            params: [
                username,
                MethodParam(
                    "expiresInMinutes", .integer(1...527_040), "How long the grant is good; 60 where left out."),
            ],
            result: Schema.object(["accessToken": Schema.text]), sensitiveResults: ["accessToken"],
            "A single-use access token for session.exchange."),
        MethodDescriptor(
            .authorityJwks, needs: .read, [.profile],
            result: Schema.object(["keys": Schema.list(Schema.anyObject)]),
            "The public keys that verify the authority's JWTs (RFC 7517)."),
    ]
}
