// An auth service on loopback that confirms every session: it answers each HTTP request without a body with the same
// JSON, at next to no cost, and counts its answers in COUNTERFILE (counter.h).
//
// usage: upstream JSONFILE COUNTERFILE    prints its port when it listens; ends with its parent or by SIGTERM
#include "bench.h"
#include "counter.h"
#include "serve.h"
#include <netinet/in.h>

static char reply[OUTPUT_ROOM];
static size_t reply_size;
static _Atomic uint64_t *counter;

static void read_reply(const char *path) {
    static char body[64 * 1024];
    size_t size = read_file(path, body, sizeof body);
    int head = snprintf(reply, sizeof reply,
                        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n", size);
    memcpy(reply + head, body, size);
    reply_size = (size_t)head + size;
}

static size_t answer(const char *bytes, size_t count) {
    size_t used = 0;
    for (const char *end; (end = memmem(bytes + used, count - used, "\r\n\r\n", 4)) != NULL;) {
        used = (size_t)(end - bytes) + 4;
        memcpy(answer_room(reply_size), reply, reply_size);
        atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
    }
    return used;
}

int main(int argc, char **argv) {
    if (argc != 3) die("usage: upstream JSONFILE COUNTERFILE");
    die_with_parent();
    read_reply(argv[1]);
    counter = counter_in(argv[2]);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 1024) != 0
        || getsockname(listener, (struct sockaddr *)&address, &size) != 0) {
        die("loopback: %s", strerror(errno));
    }
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    serve(listener, answer);
}
