// The floor: the least that a server can do. It looks for line feeds and answers each with a canned line, in which only
// the two digits of the id are put in. One thread, epoll, one write a read.
//
// usage: floor SOCKET REPLYFILE    prints "ready" when it listens; ends with its parent or by SIGTERM
#include "bench.h"

enum { INPUT_ROOM = 64 * 1024, OUTPUT_ROOM = 256 * 1024, MOST_EVENTS = 64, MOST_CLIENTS = 1024 };

struct client {
    size_t have;
    char input[INPUT_ROOM];
};

static struct client *clients[MOST_CLIENTS];
static char output[OUTPUT_ROOM];
static char reply[OUTPUT_ROOM];
static size_t reply_size;
static const size_t id_at = sizeof ID_PREFIX - 1;

static void read_reply(const char *path) {
    FILE *file = fopen(path, "r");
    if (file == NULL) die("%s: %s", path, strerror(errno));
    reply_size = fread(reply, 1, sizeof reply, file);
    fclose(file);
    if (reply_size < id_at + 2 || memcmp(reply, ID_PREFIX, id_at) != 0 || reply[reply_size - 1] != '\n') {
        die("%s: expected one line that begins with " ID_PREFIX, path);
    }
}

// Answers the whole lines that have come and keeps the rest. -1 where the client has gone.
static int answer(int fd, struct client *client) {
    size_t used = 0, filled = 0;
    char *end;
    while ((end = memchr(client->input + used, '\n', client->have - used)) != NULL) {
        const char *line = client->input + used;
        used = (size_t)(end - client->input) + 1;
        if ((size_t)(end - line) < id_at + 2) die("a request is too short");
        if (filled + reply_size > sizeof output) {
            if (send_all(fd, output, filled) != 0) return -1;
            filled = 0;
        }
        memcpy(output + filled, reply, reply_size);
        memcpy(output + filled + id_at, line + id_at, 2);
        filled += reply_size;
    }
    memmove(client->input, client->input + used, client->have - used);
    client->have -= used;
    return filled > 0 ? send_all(fd, output, filled) : 0;
}

static void forget(int fd) {
    free(clients[fd]);
    clients[fd] = NULL;
    close(fd);
}

static void serve(int fd) {
    struct client *client = clients[fd];
    ssize_t count = read(fd, client->input + client->have, sizeof client->input - client->have);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) return forget(fd);
    client->have += (size_t)count;
    if (answer(fd, client) != 0) return forget(fd);
    if (client->have == sizeof client->input) die("a request is too long");
}

int main(int argc, char **argv) {
    if (argc != 3) die("usage: floor SOCKET REPLYFILE");
    die_with_parent();
    read_reply(argv[2]);
    struct sockaddr_un address = address_of(argv[1]);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 512) != 0) {
        die("%s: %s", argv[1], strerror(errno));
    }
    int poller = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event interest = {.events = EPOLLIN, .data.fd = listener};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, listener, &interest) != 0) die("epoll_ctl: %s", strerror(errno));
    puts("ready");
    fflush(stdout);
    for (;;) {
        struct epoll_event events[MOST_EVENTS];
        int count = epoll_wait(poller, events, MOST_EVENTS, -1);
        if (count < 0 && errno != EINTR) die("epoll_wait: %s", strerror(errno));
        for (int index = 0; index < count; index++) {
            if (events[index].data.fd != listener) {
                serve(events[index].data.fd);
                continue;
            }
            int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
            if (fd < 0) continue;
            if (fd >= MOST_CLIENTS) die("too many clients");
            clients[fd] = calloc(1, sizeof(struct client));
            interest = (struct epoll_event){.events = EPOLLIN, .data.fd = fd};
            if (clients[fd] == NULL || epoll_ctl(poller, EPOLL_CTL_ADD, fd, &interest) != 0) die("no room for a client");
        }
    }
}
