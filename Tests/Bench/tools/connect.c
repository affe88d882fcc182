// How long a client that has no connection waits for its answer: socket, connect, request, reply, close, one after
// another.
//
// usage: connect SOCKET REQUESTFILE SIZE EXPECTED COUNT PIDS
// A reply is whole after SIZE bytes, or when the server closes the connection where SIZE is 0, and holds EXPECTED.
// Prints one JSON object; times in microseconds.
#include "bench.h"

static char request[4096], reply[64 * 1024];

static size_t hear(int fd, size_t wanted) {
    size_t have = 0, room = wanted == 0 ? sizeof reply : wanted;
    while (have < room) {
        ssize_t count = read(fd, reply + have, room - have);
        if (count < 0) die("read: %s", strerror(errno));
        if (count == 0 && wanted == 0) return have;
        if (count == 0) die("the server closed the connection after %zu bytes of %zu", have, wanted);
        have += (size_t)count;
    }
    if (wanted == 0) die("the reply is too long");
    return have;
}

int main(int argc, char **argv) {
    if (argc != 7) die("usage: connect SOCKET REQUESTFILE SIZE EXPECTED COUNT PIDS");
    die_with_parent();
    take_cpu();
    size_t request_size = read_file(argv[2], request, sizeof request);
    size_t wanted = (size_t)number(argv[3], 0, sizeof reply), count = (size_t)number(argv[5], 10, 100000);
    size_t warm = count / 10;
    uint64_t *samples = calloc(count, sizeof *samples), begun = 0, server_begun = 0;
    if (samples == NULL) die("no memory");
    for (size_t index = 0; index < count + warm; index++) {
        uint64_t start = now_ns();
        if (index == warm) {
            begun = start;
            server_begun = cpu_ns(argv[6]);
        }
        int fd = connect_to(argv[1], 0);
        write_all(fd, request, request_size);
        size_t size = hear(fd, wanted);
        close(fd);
        if (index >= warm) samples[index - warm] = now_ns() - start;
        if (memmem(reply, size, argv[4], strlen(argv[4])) == NULL) die("this is no answer: %.*s", (int)size, reply);
    }
    double elapsed = (double)(now_ns() - begun), server = (double)(cpu_ns(argv[6]) - server_begun);
    qsort(samples, count, sizeof *samples, by_value);
    printf("{\"perSecond\":%.0f,\"p50\":%.2f,\"p99\":%.2f,\"p999\":%.2f,\"serverCPU\":%.2f}\n",
           (double)count / elapsed * 1e9, (double)samples[count / 2] / 1e3, (double)samples[count * 99 / 100] / 1e3,
           (double)samples[count * 999 / 1000] / 1e3, server / 1e3 / (double)count);
    return 0;
}
