// The load maker: CONNECTIONS connections, each with DEPTH requests in flight, from one thread with epoll. Whatever has
// been answered by one read is asked again by one write. Every reply is checked (dialect.h), and that its connection
// waits for it.
//
// usage: load DIALECT SOCKET REQUESTFILE REPLYFILE CONNECTIONS DEPTH MILLISECONDS PIDS [COUNTERFILE]
// The files hold one request, and its reply byte for byte but for the id. PIDS are the server's processes. Prints one
// JSON object; times in microseconds. With COUNTERFILE, where allocations.so counts in the server, nothing is timed:
// after MILLISECONDS of load come exactly COUNTED requests between two moments in which none is under way.
#include "bench.h"
#include "counter.h"
#include "dialect.h"
#include "histogram.h"

enum { INPUT_ROOM = 256 * 1024, MOST_DEPTH = LAST_ID - FIRST_ID + 1, MOST_CONNECTIONS = 512, COUNTED = 20000 };

struct connection {
    int fd, oldest;
    size_t have;
    char input[INPUT_ROOM];
    uint64_t sent_at[MOST_DEPTH];
    int is_in_flight[MOST_DEPTH];
};

static const struct dialect *dialect;
static struct exchange exchange;
static struct connection *connections;
static int connection_count, depth, poller;
static uint64_t in_flight, may_ask = UINT64_MAX;
static struct histogram histogram;

// The slot that a reply belongs to. Those without an id come in turn: slots are asked again in the order in which they
// were answered, so the oldest is always the next.
static int answered_slot(struct connection *connection, int slot) {
    if (slot < 0) {
        slot = connection->oldest;
        connection->oldest = (slot + 1) % depth;
    }
    if (slot >= depth || !connection->is_in_flight[slot]) die("a reply to no request");
    connection->is_in_flight[slot] = 0;
    in_flight--;
    return slot;
}

static void ask(struct connection *connection, const int *slots, int count) {
    static char requests[MOST_DEPTH * sizeof exchange.request];
    if ((uint64_t)count > may_ask) count = (int)may_ask;
    if (count == 0) return;
    may_ask -= (uint64_t)count;
    in_flight += (uint64_t)count;
    for (int index = 0; index < count; index++) {
        dialect->ask(&exchange, requests + (size_t)index * exchange.request_size, slots[index]);
    }
    uint64_t now = now_ns();
    for (int index = 0; index < count; index++) {
        connection->sent_at[slots[index]] = now;
        connection->is_in_flight[slots[index]] = 1;
    }
    write_all(connection->fd, requests, (size_t)count * exchange.request_size);
}

static void hear(struct connection *connection) {
    ssize_t count = read(connection->fd, connection->input + connection->have, INPUT_ROOM - connection->have);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) die("the server closed a connection");
    uint64_t now = now_ns();
    connection->have += (size_t)count;
    int free_slots[MOST_DEPTH], free_count = 0, slot;
    size_t used = 0, size;
    while (used < connection->have
           && (size = dialect->hear(&exchange, connection->input + used, connection->have - used, &slot)) > 0) {
        slot = answered_slot(connection, slot);
        count_sample(&histogram, now - connection->sent_at[slot]);
        free_slots[free_count++] = slot;
        used += size;
    }
    memmove(connection->input, connection->input + used, connection->have - used);
    connection->have -= used;
    if (free_count > 0) ask(connection, free_slots, free_count);
}

// Every slot of every connection, as far as may be asked.
static void ask_all(void) {
    int slots[MOST_DEPTH];
    for (int slot = 0; slot < depth; slot++) slots[slot] = slot;
    for (int index = 0; index < connection_count; index++) {
        connections[index].oldest = 0;
        ask(&connections[index], slots, depth);
    }
}

// Keeps the load up until then, or until nothing is in flight any more.
static void work(uint64_t until) {
    while (in_flight > 0 && now_ns() < until) {
        struct epoll_event events[64];
        int count = epoll_wait(poller, events, 64, 5000);
        if (count == 0) die("no reply for 5 s");
        if (count < 0 && errno != EINTR) die("epoll_wait: %s", strerror(errno));
        for (int index = 0; index < count; index++) hear(&connections[events[index].data.u32]);
    }
}

static void connect_all(const char *path) {
    connections = calloc((size_t)connection_count, sizeof *connections);
    poller = epoll_create1(EPOLL_CLOEXEC);
    if (connections == NULL || poller < 0) die("no memory");
    for (int index = 0; index < connection_count; index++) {
        connections[index].fd = connect_to(path, O_NONBLOCK);
        struct epoll_event interest = {.events = EPOLLIN, .data.u32 = (uint32_t)index};
        if (epoll_ctl(poller, EPOLL_CTL_ADD, connections[index].fd, &interest) != 0) die("epoll: %s", strerror(errno));
    }
}

static void print_timed(uint64_t duration, const char *pids) {
    memset(&histogram, 0, sizeof histogram);
    uint64_t start = now_ns(), server_start = cpu_ns(pids), own_start = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
    work(start + duration);
    double elapsed = (double)(now_ns() - start), server = (double)(cpu_ns(pids) - server_start);
    double own = (double)(clock_ns(CLOCK_PROCESS_CPUTIME_ID) - own_start), answered = (double)histogram.samples;
    if (histogram.samples == 0) die("no reply within the time");
    printf("{\"perSecond\":%.0f,\"p50\":%.2f,\"p99\":%.2f,\"p999\":%.2f,\"serverCPU\":%.3f,\"serverBusy\":%.3f,"
           "\"loadCPU\":%.3f,\"loadBusy\":%.3f,\"requests\":%lu}\n",
           answered / elapsed * 1e9, percentile(&histogram, 0.5), percentile(&histogram, 0.99),
           percentile(&histogram, 0.999), server / 1e3 / answered, server / elapsed,
           own / 1e3 / answered, own / elapsed,
           (unsigned long)histogram.samples);
}

static void print_counted(const char *path) {
    const _Atomic uint64_t *counter = counter_in(path);
    may_ask = 0;
    work(UINT64_MAX);
    uint64_t before = *counter;
    may_ask = COUNTED;
    ask_all();
    work(UINT64_MAX);
    printf("{\"perRequest\":%.5f,\"requests\":%d}\n", (double)(*counter - before) / COUNTED, COUNTED);
}

int main(int argc, char **argv) {
    if (argc < 9 || argc > 10) {
        die("usage: load DIALECT SOCKET REQUESTFILE REPLYFILE CONNECTIONS DEPTH MILLISECONDS PIDS [COUNTERFILE]");
    }
    die_with_parent();
    take_cpu();
    dialect = dialect_named(argv[1]);
    exchange.request_size = read_file(argv[3], exchange.request, sizeof exchange.request);
    exchange.reply_size = read_file(argv[4], exchange.reply, sizeof exchange.reply);
    dialect->check(&exchange);
    connection_count = (int)number(argv[5], 1, MOST_CONNECTIONS);
    depth = (int)number(argv[6], 1, MOST_DEPTH);
    uint64_t duration = (uint64_t)number(argv[7], 10, 60000) * 1000000;
    connect_all(argv[2]);
    ask_all();
    if (argc == 10) {
        work(now_ns() + duration);
        print_counted(argv[9]);
    } else {
        work(now_ns() + duration / 5);
        print_timed(duration, argv[8]);
    }
    return 0;
}
