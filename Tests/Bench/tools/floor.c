// The floor: the least that a server can do on the daemon's socket. It looks for line feeds and answers each with a
// canned line, in which only the two digits of the id are put in.
//
// usage: floor SOCKET REPLYFILE    prints "ready" when it listens; ends with its parent or by SIGTERM
#include "bench.h"
#include "serve.h"

static char reply[OUTPUT_ROOM];
static size_t reply_size;
static const size_t id_at = sizeof ID_PREFIX - 1;

static size_t answer(const char *bytes, size_t count) {
    size_t used = 0;
    for (const char *end; (end = memchr(bytes + used, '\n', count - used)) != NULL;) {
        const char *line = bytes + used;
        used = (size_t)(end - bytes) + 1;
        if ((size_t)(end - line) < id_at + 2) die("a request is too short");
        char *room = answer_room(reply_size);
        memcpy(room, reply, reply_size);
        memcpy(room + id_at, line + id_at, 2);
    }
    return used;
}

int main(int argc, char **argv) {
    if (argc != 3) die("usage: floor SOCKET REPLYFILE");
    die_with_parent();
    reply_size = read_file(argv[2], reply, sizeof reply);
    if (reply_size < id_at + 2 || memcmp(reply, ID_PREFIX, id_at) != 0 || reply[reply_size - 1] != '\n') {
        die("%s: expected one line that begins with " ID_PREFIX, argv[2]);
    }
    struct sockaddr_un address = address_of(argv[1]);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 512) != 0) {
        die("%s: %s", argv[1], strerror(errno));
    }
    puts("ready");
    fflush(stdout);
    serve(listener, answer);
}
