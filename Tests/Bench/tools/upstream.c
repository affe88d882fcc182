// An auth service on loopback that confirms every session: it answers HTTP requests without a body by the end of their
// path, at next to no cost.
//
// usage: upstream COUNTERFILE PATHEND JSONFILE [PATHEND JSONFILE…]
// Counts the answers for the first path in COUNTERFILE (counter.h). Prints its port when it listens; ends with its
// parent or by SIGTERM.
#include "bench.h"
#include "counter.h"
#include "serve.h"
#include <netinet/in.h>

enum { MOST_ROUTES = 8, BODY_ROOM = 4096 };

struct route {
    char path_end[100], reply[BODY_ROOM + 200];
    size_t reply_size;
};

static struct route routes[MOST_ROUTES];
static int route_count;
static _Atomic uint64_t *counter;

static void add_route(const char *path_end, const char *json_path) {
    char body[BODY_ROOM];
    struct route *route = &routes[route_count++];
    size_t size = read_file(json_path, body, sizeof body);
    snprintf(route->path_end, sizeof route->path_end, "%s HTTP/1.1", path_end);
    int head = snprintf(route->reply, sizeof route->reply,
                        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n", size);
    memcpy(route->reply + head, body, size);
    route->reply_size = (size_t)head + size;
}

static const struct route *route_of(const char *request, size_t size) {
    const char *line_end = memchr(request, '\r', size);
    for (int index = 0; index < route_count; index++) {
        size_t length = strlen(routes[index].path_end);
        if ((size_t)(line_end - request) >= length && memcmp(line_end - length, routes[index].path_end, length) == 0) {
            return &routes[index];
        }
    }
    die("a request for a path that is not served: %.*s", (int)(line_end - request), request);
}

static size_t answer(const char *bytes, size_t count) {
    size_t used = 0;
    for (const char *end; (end = memmem(bytes + used, count - used, "\r\n\r\n", 4)) != NULL;) {
        const struct route *route = route_of(bytes + used, (size_t)(end - bytes) - used + 2);
        used = (size_t)(end - bytes) + 4;
        memcpy(answer_room(route->reply_size), route->reply, route->reply_size);
        if (route == routes) atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
    }
    return used;
}

int main(int argc, char **argv) {
    if (argc < 4 || argc % 2 != 0 || argc > 2 + 2 * MOST_ROUTES) {
        die("usage: upstream COUNTERFILE PATHEND JSONFILE [PATHEND JSONFILE...]");
    }
    die_with_parent();
    counter = counter_in(argv[1]);
    for (int index = 2; index < argc; index += 2) add_route(argv[index], argv[index + 1]);
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
