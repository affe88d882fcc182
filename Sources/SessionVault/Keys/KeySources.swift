/// Where to look for keys, in this order: the credential, the configured file, `master.key` in the state directory.
///
/// The first key of the first source that has one is current; every key that is found opens what it has sealed. A
/// source that is there and cannot be read stops the search: sealing under a lesser key would hide the fault.
package struct KeySources: Sendable, Hashable {
    /// The path of the credential, such as `$CREDENTIALS_DIRECTORY/sessiond.master-key`.
    package var credential: String?
    /// The configuration asks for the credential, so its absence is an error and no other source stands in.
    package var credentialIsRequired: Bool
    /// The key file that the configuration names. It is never created; its absence is an error.
    package var file: String?

    package init(credential: String? = nil, credentialIsRequired: Bool = false, file: String? = nil) {
        self.credential = credential
        self.credentialIsRequired = credentialIsRequired
        self.file = file
    }

    func isRequired(_ place: KeyPlace) -> Bool {
        switch place {
        case .credential: credentialIsRequired
        case .file: true
        case .stateDirectory: false
        }
    }
}

/// Why there is no key to seal with. Each of these ends when an administrator mends it, without a restart.
package struct KeyProblem: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Reason: Sendable, Hashable {
        case absent
        case fault(FileFault)
        case malformed(KeyFileError)
        /// There are sealed records and no key at all: making a new one would bury them.
        case lost
        /// The folder of records could not be searched, so that nobody can tell whether a key was lost.
        case unknownState(FileFault)
        case notCreated(FileFault)
    }

    package let place: KeyPlace
    package let reason: Reason

    init(_ place: KeyPlace, _ reason: Reason) {
        self.place = place
        self.reason = reason
    }

    package var description: String {
        let source =
            switch place {
            case .credential: "the credential sessiond.master-key"
            case .file: "the key file of the configuration"
            case .stateDirectory: "master.key in the state directory"
            }
        return switch reason {
        case .absent: "\(source) is not there"
        case .fault(let fault): "\(source): \(fault)"
        case .malformed(let error): "\(source) \(error)"
        case .lost:
            """
            sealed records exist, and no place has a key, neither the credential sessiond.master-key nor master.key in \
            the state directory: put the key back where it was, or move the records away
            """
        case .unknownState(let fault): "there is no key, and the folder of records cannot be searched (\(fault))"
        case .notCreated(let fault): "\(source) could not be created (\(fault))"
        }
    }
}
