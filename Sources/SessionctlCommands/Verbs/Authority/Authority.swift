import ArgumentParser

struct Authority: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "authority", abstract: "Administers the embedded auth service: users, their sessions and rights.",
        subcommands: [
            AuthorityUsers.self, AuthorityAdd.self, AuthorityUpdate.self, AuthorityRemove.self, AuthoritySessions.self,
            AuthorityRevoke.self, AuthorityGrant.self, AuthorityKeys.self,
        ])
    @OptionGroup var global: GlobalOptions
}
