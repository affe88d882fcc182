/// The calls, without prefix.
enum AgnostEndpoint: String {
    case ping = "GET ping"
    case health = "GET health"
    case signUpEmail = "POST auth/signup-email"
    case signUpPhone = "POST auth/signup-phone"
    case signInEmail = "POST auth/signin-email"
    case signInPhone = "POST auth/signin-phone"
    case signInCode = "POST auth/signin-code"
    case sendCode = "POST auth/send-code"
    case verifyPhone = "POST auth/verify-phone"
    case grant = "GET auth/grant"
    case signOut = "POST auth/signout"
    case signOutAll = "POST auth/signout-all"
    case signOutAllExcept = "POST auth/signout-all-except"
    case sessions = "GET auth/sessions"
    case user = "GET auth/user"
    case changePassword = "POST auth/change-pwd"
    case changeEmail = "POST auth/change-email"
    case changePhone = "POST auth/change-phone"
    case resend = "POST auth/resend"
    case resendCode = "POST auth/resend-code"
    case sendMagic = "POST auth/send-magic"
    case sendReset = "POST auth/send-reset"
    case sendResetCode = "POST auth/send-reset-code"
    case resetPassword = "POST auth/reset-pwd"
    case resetPasswordCode = "POST auth/reset-pwd-code"
    case verify = "GET auth/verify"

    var isSystem: Bool { self == .ping || self == .health }
    var needsKey: Bool { !isSystem && self != .grant && self != .verify }

    var needsSession: Bool {
        switch self {
        case .signOut, .signOutAll, .signOutAllExcept, .sessions, .user, .changePassword, .changeEmail, .changePhone:
            true
        default: false
        }
    }

    var usesUserModel: Bool {
        switch self {
        case .ping, .health, .signOutAll, .signOutAllExcept, .sessions: false
        default: true
        }
    }
}
