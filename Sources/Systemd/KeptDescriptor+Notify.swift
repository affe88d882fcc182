extension KeptDescriptor {
    // The texts of systemd's docs/FILE_DESCRIPTOR_STORE, "The Protocol". A line feed in a name would begin an assignment of
    // its own: names are constants of the daemon, or came from the manager in a list without line feeds.

    static func keeping(_ name: String) -> String { "FDSTORE=1\nFDNAME=\(name)" }
    static func lettingGo(of name: String) -> String { "FDSTOREREMOVE=1\nFDNAME=\(name)" }
}
