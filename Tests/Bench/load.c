// The load maker: CONNECTIONS connections, each with DEPTH requests in flight, from one thread with epoll. Whatever has
// been answered by one read is asked again by one write. Every reply is checked: it must be a result, and carry the id
// of a request in flight on its connection.
//
// usage: load SOCKET REQUEST CONNECTIONS DEPTH MILLISECONDS SERVERPID
// REQUEST begins with {"jsonrpc":"2.0","id":10. Prints one JSON object; times in microseconds.
#include "bench.h"

enum { INPUT_ROOM = 256 * 1024, MOST_DEPTH = LAST_ID - FIRST_ID + 1, MOST_CONNECTIONS = 512 };
// Latencies are counted in buckets of 1/64 of a power of two: no figure is off by more than 1.6 %.
enum { FRACTION_BITS = 6, FRACTIONS = 1 << FRACTION_BITS, BUCKETS = 64 * FRACTIONS };

struct connection {
    int fd;
    size_t have;
    char input[INPUT_ROOM];
    uint64_t sent_at[MOST_DEPTH];
    int is_in_flight[MOST_DEPTH];
};

static char request[4096];
static size_t request_size;
static const size_t id_at = sizeof ID_PREFIX - 1;
static uint64_t counts[BUCKETS], answered;
static size_t shortest = SIZE_MAX, longest;

static size_t bucket_of(uint64_t value) {
    if (value < FRACTIONS) return value;
    unsigned shift = 63 - (unsigned)__builtin_clzll(value) - FRACTION_BITS;
    return (size_t)(shift + 1) * FRACTIONS + (size_t)((value >> shift) - FRACTIONS);
}

static double microseconds_of(size_t bucket) {
    if (bucket < FRACTIONS) return bucket / 1e3;
    unsigned shift = (unsigned)(bucket / FRACTIONS) - 1;
    return (double)((uint64_t)(bucket % FRACTIONS + FRACTIONS) << shift) / 1e3;
}

static double percentile(double part) {
    uint64_t seen = 0, wanted = (uint64_t)(part * (double)answered);
    for (size_t bucket = 0; bucket < BUCKETS; bucket++) {
        seen += counts[bucket];
        if (seen > wanted) return microseconds_of(bucket);
    }
    return 0;
}

// The slot that a reply belongs to.
static int slot_of(const struct connection *connection, const char *line, size_t size, int depth) {
    static const char result[] = ",\"result\":";
    int is_result = size > id_at + 2 + sizeof result && memcmp(line, ID_PREFIX, id_at) == 0
        && memcmp(line + id_at + 2, result, sizeof result - 1) == 0 && line[size - 1] == '}';
    if (!is_result) die("this is no result: %.*s", (int)(size > 200 ? 200 : size), line);
    int slot = (line[id_at] - '0') * 10 + (line[id_at + 1] - '0') - FIRST_ID;
    if (slot < 0 || slot >= depth || !connection->is_in_flight[slot]) die("a reply to no request: %.40s", line);
    return slot;
}

static void ask(struct connection *connection, const int *slots, int count) {
    static char lines[MOST_DEPTH * sizeof request];
    size_t filled = 0;
    for (int index = 0; index < count; index++) {
        char *line = lines + filled;
        int id = FIRST_ID + slots[index];
        memcpy(line, request, request_size);
        line[id_at] = (char)('0' + id / 10);
        line[id_at + 1] = (char)('0' + id % 10);
        filled += request_size;
    }
    uint64_t now = now_ns();
    for (int index = 0; index < count; index++) {
        connection->sent_at[slots[index]] = now;
        connection->is_in_flight[slots[index]] = 1;
    }
    write_all(connection->fd, lines, filled);
}

static void hear(struct connection *connection, int depth) {
    ssize_t count = read(connection->fd, connection->input + connection->have, INPUT_ROOM - connection->have);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) die("the server closed a connection");
    uint64_t now = now_ns();
    connection->have += (size_t)count;
    int free_slots[MOST_DEPTH], free_count = 0;
    size_t used = 0;
    char *end;
    while ((end = memchr(connection->input + used, '\n', connection->have - used)) != NULL) {
        const char *line = connection->input + used;
        size_t size = (size_t)(end - line);
        int slot = slot_of(connection, line, size, depth);
        counts[bucket_of(now - connection->sent_at[slot])]++;
        answered++;
        if (size < shortest) shortest = size;
        if (size > longest) longest = size;
        connection->is_in_flight[slot] = 0;
        free_slots[free_count++] = slot;
        used += size + 1;
    }
    memmove(connection->input, connection->input + used, connection->have - used);
    connection->have -= used;
    if (free_count > 0) ask(connection, free_slots, free_count);
}

// Keeps the load up until then.
static void work(int poller, struct connection *connections, int depth, uint64_t until) {
    while (now_ns() < until) {
        struct epoll_event events[64];
        int count = epoll_wait(poller, events, 64, 5000);
        if (count == 0) die("no reply for 5 s");
        if (count < 0 && errno != EINTR) die("epoll_wait: %s", strerror(errno));
        for (int index = 0; index < count; index++) hear(&connections[events[index].data.u32], depth);
    }
}

int main(int argc, char **argv) {
    if (argc != 7) die("usage: load SOCKET REQUEST CONNECTIONS DEPTH MILLISECONDS SERVERPID");
    die_with_parent();
    request_size = strlen(argv[2]) + 1;
    if (request_size > sizeof request || strncmp(argv[2], ID_PREFIX "10", id_at + 2) != 0) {
        die("expected a request that begins with " ID_PREFIX "10");
    }
    memcpy(request, argv[2], request_size - 1);
    request[request_size - 1] = '\n';
    int connection_count = (int)number(argv[3], 1, MOST_CONNECTIONS), depth = (int)number(argv[4], 1, MOST_DEPTH);
    uint64_t duration = (uint64_t)number(argv[5], 10, 60000) * 1000000;
    clockid_t server_clock;
    if (clock_getcpuclockid((pid_t)number(argv[6], 1, 1 << 30), &server_clock) != 0) die("no process %s", argv[6]);

    struct connection *connections = calloc((size_t)connection_count, sizeof *connections);
    int poller = epoll_create1(EPOLL_CLOEXEC), slots[MOST_DEPTH];
    if (connections == NULL) die("no memory");
    for (int slot = 0; slot < depth; slot++) slots[slot] = slot;
    for (int index = 0; index < connection_count; index++) {
        connections[index].fd = connect_to(argv[1], O_NONBLOCK);
        struct epoll_event interest = {.events = EPOLLIN, .data.u32 = (uint32_t)index};
        if (epoll_ctl(poller, EPOLL_CTL_ADD, connections[index].fd, &interest) != 0) die("epoll: %s", strerror(errno));
        ask(&connections[index], slots, depth);
    }
    work(poller, connections, depth, now_ns() + duration / 5);

    memset(counts, 0, sizeof counts);
    answered = 0;
    uint64_t start = now_ns(), server_start = clock_ns(server_clock), own_start = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
    work(poller, connections, depth, start + duration);
    double elapsed = (double)(now_ns() - start), server = (double)(clock_ns(server_clock) - server_start);
    double own = (double)(clock_ns(CLOCK_PROCESS_CPUTIME_ID) - own_start);
    if (answered == 0) die("no reply within the time");
    printf("{\"perSecond\":%.0f,\"p50\":%.2f,\"p99\":%.2f,\"p999\":%.2f,\"serverCPU\":%.3f,\"serverBusy\":%.3f,"
           "\"loadBusy\":%.3f,\"requests\":%lu,\"shortest\":%zu,\"longest\":%zu}\n",
           (double)answered / elapsed * 1e9, percentile(0.5), percentile(0.99), percentile(0.999),
           server / 1e3 / (double)answered, server / elapsed, own / elapsed, (unsigned long)answered, shortest, longest);
    return 0;
}
