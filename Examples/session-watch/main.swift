// Shows the session of the daemon's default profile, and every change of it, until the user signs out.
//
//     session-watch [USERNAME]        signs in first, with the password from the first line of its input
import SessionClient

do {
    let client = try await SessionClient.connect()
    let profile = client.profile()

    if CommandLine.arguments.count == 2, let password = readLine() {
        let result = try await profile.signIn(
            .password(username: CommandLine.arguments[1], password: password), sessionDuration: .minutes(60))
        if let challenge = result.challenge {
            print("one more step is needed: \(challenge.kind)")
        }
    }

    var wasSignedIn = false
    watching: for await info in profile.sessionChanges {
        switch info {
        case .available(let session, _):
            wasSignedIn = true
            let age = info.age.map { "confirmed \($0.components.seconds) s ago" } ?? "not confirmed yet"
            do {
                let tokens = try await profile.tokens(minimumValidity: .seconds(60))
                let user = session["userId"]?.stringValue ?? "?"
                print("signed in as \(user), \(age), \(tokens.sessionToken == nil ? "no" : "a") token at hand")
            } catch  where error.kind == .notSignedIn {
                // The session has ended since this change: the next one says so.
                continue
            }
        case .unavailable(let reason):
            print("signed out: \(reason)")
            if wasSignedIn { break watching }
        case .loading:
            print("loading")
        }
    }
} catch {
    print("failed: \(error)")
}
