// How long a client that has no connection waits for its first answer: socket, connect, request, reply, close, one after
// another.
//
// usage: connect SOCKET REQUEST COUNT    prints one JSON object; times in microseconds
#include "bench.h"

int main(int argc, char **argv) {
    if (argc != 4) die("usage: connect SOCKET REQUEST COUNT");
    die_with_parent();
    static char line[64 * 1024];
    size_t count = (size_t)number(argv[3], 10, 100000);
    size_t warm = count / 10;
    uint64_t *samples = calloc(count, sizeof *samples);
    if (samples == NULL) die("no memory");
    snprintf(line, sizeof line, "%s\n", argv[2]);
    size_t size = strlen(line);
    for (size_t index = 0; index < count + warm; index++) {
        static char reply[1 << 20];
        size_t have = 0;
        uint64_t start = now_ns();
        int fd = connect_to(argv[1], 0);
        write_all(fd, line, size);
        do {
            ssize_t got = read(fd, reply + have, sizeof reply - have);
            if (got <= 0) die("no reply");
            have += (size_t)got;
        } while (reply[have - 1] != '\n');
        if (index >= warm) samples[index - warm] = now_ns() - start;
        if (memmem(reply, have, ",\"result\":", 10) == NULL) die("this is no result: %.200s", reply);
        close(fd);
    }
    printf("{");
    print_samples("firstReply", samples, count, 1e3);
    printf("}\n");
    return 0;
}
