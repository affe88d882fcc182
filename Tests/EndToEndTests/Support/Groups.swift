import Testing

// A group runs one test at a time and the groups run beside each other: some daemons at once, not fifty.

@Suite("The daemon's wire", .serialized) enum Wire {}
@Suite("The daemon's sessions", .serialized) enum Sessions {}
@Suite("What the daemon keeps", .serialized) enum Durability {}
@Suite("The daemon as a process", .serialized) enum Process {}
@Suite("The daemon's clients", .serialized) enum Clients {}
