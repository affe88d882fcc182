// The least that a server can do: one thread with epoll, one read, and one write for all that the read has asked.
// floor.c and upstream.c say what the answers are.
#ifndef SESSIOND_BENCH_SERVE_H
#define SESSIOND_BENCH_SERVE_H

#include "bench.h"

enum { INPUT_ROOM = 64 * 1024, OUTPUT_ROOM = 256 * 1024, MOST_EVENTS = 64, MOST_CLIENTS = 4096 };

struct client {
    size_t have;
    char input[INPUT_ROOM];
};

static struct client *clients[MOST_CLIENTS];

static struct {
    int fd, is_gone;
    size_t filled;
    char bytes[OUTPUT_ROOM];
} output;

static void flush_output(void) {
    if (output.filled > 0 && !output.is_gone) output.is_gone = send_all(output.fd, output.bytes, output.filled) != 0;
    output.filled = 0;
}

// Room for so many bytes of an answer, which the caller fills.
static char *answer_room(size_t size) {
    if (output.filled + size > sizeof output.bytes) flush_output();
    char *room = output.bytes + output.filled;
    output.filled += size;
    return room;
}

static void forget(int fd) {
    free(clients[fd]);
    clients[fd] = NULL;
    close(fd);
}

// `answer` answers the whole requests that the bytes begin with, and says how many bytes those were.
static void hear_client(int fd, size_t (*answer)(const char *bytes, size_t count)) {
    struct client *client = clients[fd];
    ssize_t count = read(fd, client->input + client->have, sizeof client->input - client->have);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) return forget(fd);
    client->have += (size_t)count;
    output.fd = fd;
    output.is_gone = 0;
    size_t used = answer(client->input, client->have);
    memmove(client->input, client->input + used, client->have - used);
    client->have -= used;
    flush_output();
    if (output.is_gone) return forget(fd);
    if (client->have == sizeof client->input) die("a request is too long");
}

static void accept_client(int poller, int listener) {
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) return;
    if (fd >= MOST_CLIENTS) die("too many clients");
    clients[fd] = calloc(1, sizeof(struct client));
    struct epoll_event interest = {.events = EPOLLIN, .data.fd = fd};
    if (clients[fd] == NULL || epoll_ctl(poller, EPOLL_CTL_ADD, fd, &interest) != 0) die("no room for a client");
}

__attribute__((noreturn)) static void serve(int listener, size_t (*answer)(const char *bytes, size_t count)) {
    int poller = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event interest = {.events = EPOLLIN, .data.fd = listener};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, listener, &interest) != 0) die("epoll_ctl: %s", strerror(errno));
    for (;;) {
        struct epoll_event events[MOST_EVENTS];
        int count = epoll_wait(poller, events, MOST_EVENTS, -1);
        if (count < 0 && errno != EINTR) die("epoll_wait: %s", strerror(errno));
        for (int index = 0; index < count; index++) {
            int fd = events[index].data.fd;
            if (fd == listener) accept_client(poller, listener);
            else hear_client(fd, answer);
        }
    }
}

#endif
