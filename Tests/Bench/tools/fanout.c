// How long a change takes to reach its watchers: CONNECTIONS connections with SUBSCRIPTIONS watches each, and one more
// that makes CHANGES changes, each when the one before has reached every watch. A change is a user.update with a marker
// that no other change has, and a watch has it when a notification with that marker has been read.
//
// usage: fanout SOCKET CONNECTIONS SUBSCRIPTIONS CHANGES
// CONNECTIONS may be 0: then only the author's answer is timed. Prints one JSON object; times in milliseconds from the
// moment when the change is sent.
#include "bench.h"

enum { INPUT_ROOM = 256 * 1024, MARKER_SIZE = 13, MOST_CONNECTIONS = 8192 };

struct connection {
    int fd;
    size_t have;
    char *input;
};

static struct connection *connections;
static char marker[32];

// One read, and `line` for each whole line of it.
static void hear(struct connection *connection, void (*line)(const char *bytes, size_t size)) {
    ssize_t count = read(connection->fd, connection->input + connection->have, INPUT_ROOM - connection->have);
    if (count <= 0) die("the server closed a connection");
    connection->have += (size_t)count;
    size_t used = 0;
    for (char *end; (end = memchr(connection->input + used, '\n', connection->have - used)) != NULL;) {
        line(connection->input + used, (size_t)(end - connection->input) - used);
        used = (size_t)(end - connection->input) + 1;
    }
    memmove(connection->input, connection->input + used, connection->have - used);
    connection->have -= used;
}

static long results, notified;

static void take_result(const char *bytes, size_t size) {
    if (memmem(bytes, size, "\"result\":", 9) == NULL) die("no result: %.*s", (int)(size > 300 ? 300 : size), bytes);
    results++;
}

// All notifications of one change are alike but for the subscription, so the marker stands where it stood, counted from
// the end of the line.
static void take_notification(const char *bytes, size_t size) {
    static size_t from_end;
    if (from_end >= MARKER_SIZE && size >= from_end && memcmp(bytes + size - from_end, marker, MARKER_SIZE) == 0) {
        notified++;
        return;
    }
    const char *found = memmem(bytes, size, marker, MARKER_SIZE);
    if (found == NULL) return;
    from_end = (size_t)(bytes + size - found);
    notified++;
}

static void open_connection(struct connection *connection, const char *path) {
    connection->fd = connect_to(path, 0);
    connection->input = malloc(INPUT_ROOM);
    if (connection->input == NULL) die("no memory");
}

static void watch(struct connection *connection, int subscriptions) {
    for (int index = 0; index < subscriptions; index++) {
        static const char request[] = ID_PREFIX "10,\"method\":\"session.watch\"}\n";
        long wanted = results + 1;
        write_all(connection->fd, request, sizeof request - 1);
        while (results < wanted) hear(connection, take_result);
    }
}

static void send_change(int fd, long change) {
    char line[300];
    snprintf(marker, sizeof marker, "change %06ld", change);
    int size = snprintf(line, sizeof line, ID_PREFIX "10,\"method\":\"user.update\",\"params\":{\"user\":{\"username\":"
                        "\"ada\",\"name\":\"%s\"}}}\n", marker);
    write_all(fd, line, (size_t)size);
}

int main(int argc, char **argv) {
    if (argc != 5) die("usage: fanout SOCKET CONNECTIONS SUBSCRIPTIONS CHANGES");
    die_with_parent();
    int count = (int)number(argv[2], 0, MOST_CONNECTIONS), subscriptions = (int)number(argv[3], 1, 1024);
    long changes = number(argv[4], 1, 100000), watches = (long)count * subscriptions;
    connections = calloc((size_t)count + 1, sizeof *connections);
    uint64_t *replied = calloc((size_t)changes, sizeof *replied), *last = calloc((size_t)changes, sizeof *last);
    int poller = epoll_create1(EPOLL_CLOEXEC);
    if (connections == NULL || replied == NULL || last == NULL || poller < 0) die("no memory");
    for (int index = 0; index <= count; index++) {
        open_connection(&connections[index], argv[1]);
        if (index < count) watch(&connections[index], subscriptions);
        struct epoll_event interest = {.events = EPOLLIN, .data.u32 = (uint32_t)index};
        if (epoll_ctl(poller, EPOLL_CTL_ADD, connections[index].fd, &interest) != 0) die("epoll: %s", strerror(errno));
    }
    for (long change = 0; change < changes; change++) {
        notified = results = 0;
        uint64_t start = now_ns(), now = start;
        send_change(connections[count].fd, change + 1);
        while (notified < watches || results == 0) {
            struct epoll_event events[64];
            int ready = epoll_wait(poller, events, 64, 10000);
            if (ready == 0) die("%ld of %ld watches have the change after 10 s", notified, watches);
            for (int index = 0; index < ready; index++) {
                int is_author = events[index].data.u32 == (uint32_t)count;
                hear(&connections[events[index].data.u32], is_author ? take_result : take_notification);
                now = now_ns();
                if (is_author) replied[change] = now - start;
                else last[change] = now - start;
            }
        }
    }
    printf("{");
    print_samples("reply", replied, (size_t)changes, 1e6);
    printf(",");
    print_samples("last", last, (size_t)changes, 1e6);
    printf("}\n");
    return 0;
}
