// From exec to READY: starts a daemon again and again, as a service manager does, with a notify socket of its own
// (sd_notify(3)). Each time it also asks one request as soon as READY has come, and stops the daemon by SIGTERM.
//
// usage: start COUNT NOTIFYSOCKET DAEMONSOCKET REQUEST LOGFILE PROGRAM ARGUMENT…
// Prints one JSON object; times in milliseconds.
#include "bench.h"
#include <spawn.h>

static volatile pid_t child;

static void give_up(int signal) {
    (void)signal;
    static const char text[] = "bench: the daemon took longer than 20 s to start and stop\n";
    if (write(STDERR_FILENO, text, sizeof text - 1) < 0) _exit(2);
    if (child > 0) kill(child, SIGKILL);
    _exit(1);
}

static int has_line(char *datagram, const char *wanted) {
    for (char *rest = datagram, *line; (line = strsep(&rest, "\n")) != NULL;) {
        if (strcmp(line, wanted) == 0) return 1;
    }
    return 0;
}

static void kill_child(void) {
    if (child > 0) kill(child, SIGKILL);
}

static void wait_for_ready(int notify) {
    char datagram[4096];
    do {
        struct pollfd readiness = {.fd = notify, .events = POLLIN};
        while (poll(&readiness, 1, 100) == 0) {
            int status;
            if (waitpid(child, &status, WNOHANG) == child) {
                child = 0;
                die("the daemon ended with status %d before it was ready", status);
            }
        }
        ssize_t size = recv(notify, datagram, sizeof datagram - 1, 0);
        if (size < 0) die("recv: %s", strerror(errno));
        datagram[size] = 0;
    } while (!has_line(datagram, "READY=1"));
}

static void ask_once(const char *path, const char *request) {
    char reply[4096];
    int fd = connect_to(path, 0);
    char line[4096];
    int size = snprintf(line, sizeof line, "%s\n", request);
    if (size >= (int)sizeof line) die("the request is too long");
    write_all(fd, line, (size_t)size);
    if (read(fd, reply, sizeof reply) <= 0) die("no reply to the first request");
    close(fd);
}

int main(int argc, char **argv) {
    if (argc < 7) die("usage: start COUNT NOTIFYSOCKET DAEMONSOCKET REQUEST LOGFILE PROGRAM ARGUMENT...");
    die_with_parent();
    signal(SIGALRM, give_up);
    atexit(kill_child);
    size_t count = (size_t)number(argv[1], 1, 1000);
    uint64_t *ready = calloc(count, sizeof *ready), *first = calloc(count, sizeof *first),
             *stopped = calloc(count, sizeof *stopped);
    if (ready == NULL || first == NULL || stopped == NULL) die("no memory");

    struct sockaddr_un address = address_of(argv[2]);
    int notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (bind(notify, (struct sockaddr *)&address, sizeof address) != 0) die("%s: %s", argv[2], strerror(errno));
    static char variable[200];
    snprintf(variable, sizeof variable, "NOTIFY_SOCKET=%s", argv[2]);
    char *environment[] = {variable, "PATH=/usr/bin:/bin", NULL};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, argv[5], O_WRONLY | O_CREAT | O_APPEND, 0600);

    for (size_t index = 0; index < count; index++) {
        alarm(20);
        uint64_t begun = now_ns();
        pid_t pid;
        int failure = posix_spawn(&pid, argv[6], &actions, NULL, argv + 6, environment);
        if (failure != 0) die("%s: %s", argv[6], strerror(failure));
        child = pid;
        wait_for_ready(notify);
        uint64_t ready_at = now_ns();
        ask_once(argv[3], argv[4]);
        uint64_t answered_at = now_ns();
        kill(pid, SIGTERM);
        int status;
        if (waitpid(pid, &status, 0) != pid || status != 0) die("the daemon ended with status %d", status);
        child = 0;
        stopped[index] = now_ns() - answered_at;
        first[index] = answered_at - ready_at;
        ready[index] = ready_at - begun;
        // What it still had to say (STOPPING=1) belongs to this round.
        char rest[4096];
        while (recv(notify, rest, sizeof rest, MSG_DONTWAIT) >= 0) continue;
    }
    unlink(argv[2]);
    printf("{");
    print_samples("ready", ready, count, 1e6);
    printf(",");
    print_samples("firstReply", first, count, 1e6);
    printf(",");
    print_samples("stop", stopped, count, 1e6);
    printf("}\n");
    return 0;
}
