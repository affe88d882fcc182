extension EnvironmentVariable {
    package static let daemon = [
        EnvironmentVariable(
            "CONFIGURATION_DIRECTORY", meaning: "Where `sessiond.yaml` is; set by systemd for the service."),
        EnvironmentVariable("STATE_DIRECTORY", meaning: "Where state is kept; set by systemd for the service."),
        EnvironmentVariable(
            "CREDENTIALS_DIRECTORY", meaning: "Where credentials are; set by systemd for a service that has any."),
        EnvironmentVariable(
            "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR", "HOME",
            meaning: "The folders of a user's own daemon. Relative ones are ignored."),
        EnvironmentVariable(
            "NOTIFY_SOCKET", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "WATCHDOG_USEC", "WATCHDOG_PID",
            meaning: "What a service manager hands in: `sd_notify`(3), `sd_listen_fds`(3), `sd_watchdog_enabled`(3)."),
        EnvironmentVariable(
            "SESSIOND_BOOT_ID",
            meaning: "The machine's boot ID (`%b` in a unit), for a sandbox that hides the kernel's file of it."),
        EnvironmentVariable("JOURNAL_STREAM", meaning: "Says whether standard error is the journal."),
        EnvironmentVariable(
            "https_proxy", "HTTPS_PROXY",
            meaning: "The proxy for `https://`: `http://[user:password@]host:port`. A malformed one is logged and "
                + "makes its services unreachable."),
        EnvironmentVariable("http_proxy", meaning: "The proxy for `http://`."),
        EnvironmentVariable("all_proxy", "ALL_PROXY", meaning: "For both, where none of their own is set."),
        EnvironmentVariable("no_proxy", "NO_PROXY", meaning: "Hosts that are reached without one."),
    ]

    package static let tool = [
        EnvironmentVariable("SESSIOND_SOCKET", meaning: "The daemon's socket, where `--socket` does not name it."),
        EnvironmentVariable(
            "XDG_RUNTIME_DIR",
            meaning: "Where the user's own daemon has its socket, `sessiond/sessiond.sock`; it is tried before the "
                + "system's, `/run/sessiond/sessiond.sock`."),
        EnvironmentVariable("NO_COLOR", meaning: "No colours, where it is not empty."),
        EnvironmentVariable("TERM", meaning: "No colours, where it is `dumb`."),
        EnvironmentVariable("COLUMNS", meaning: "How wide tables may be, instead of the terminal's width."),
        EnvironmentVariable(
            "LC_ALL", "LC_CTYPE", "LANG", meaning: "Without a UTF-8 locale what is printed is marked in ASCII."),
    ]
}
