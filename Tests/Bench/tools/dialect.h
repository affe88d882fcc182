// The two protocols that the load maker speaks. Both check every reply before it counts, its size too, and both pass
// over its bytes once: JSON in search of the line feed, RESP in comparison with the value that was stored. So a request
// costs the load maker the same whichever server it asks.
#ifndef SESSIOND_BENCH_DIALECT_H
#define SESSIOND_BENCH_DIALECT_H

#include "bench.h"

struct exchange {
    char request[4096], reply[64 * 1024];
    size_t request_size, reply_size;
};

struct dialect {
    const char *name;
    // Whether request and reply are of this dialect; ends the program where not.
    void (*check)(const struct exchange *);
    // Writes the request of a slot; its size is request_size.
    void (*ask)(const struct exchange *, char *room, int slot);
    // The size of the whole reply that `bytes` begin with, or 0 where it has not all come; and its slot, or -1 where
    // replies carry no id and come in the order of their requests. Ends the program where it is no right answer.
    size_t (*hear)(const struct exchange *, const char *bytes, size_t count, int *slot);
};

static const size_t id_at = sizeof ID_PREFIX - 1;

static void json_check(const struct exchange *exchange) {
    static const char first[] = ID_PREFIX "10";
    int is_right = exchange->request_size > sizeof first && memcmp(exchange->request, first, sizeof first - 1) == 0
        && exchange->request[exchange->request_size - 1] == '\n' && exchange->reply[exchange->reply_size - 1] == '\n';
    if (!is_right) die("expected a line that begins with %s, and its reply", first);
}

static void json_ask(const struct exchange *exchange, char *room, int slot) {
    int id = FIRST_ID + slot;
    memcpy(room, exchange->request, exchange->request_size);
    room[id_at] = (char)('0' + id / 10);
    room[id_at + 1] = (char)('0' + id % 10);
}

static size_t json_hear(const struct exchange *exchange, const char *bytes, size_t count, int *slot) {
    static const char result[] = ",\"result\":";
    const char *end = memchr(bytes, '\n', count);
    if (end == NULL) return 0;
    size_t size = (size_t)(end - bytes) + 1;
    int is_result = size > id_at + 2 + sizeof result && memcmp(bytes, ID_PREFIX, id_at) == 0
        && memcmp(bytes + id_at + 2, result, sizeof result - 1) == 0 && bytes[size - 2] == '}';
    if (!is_result) die("this is no result: %.*s", (int)(size > 200 ? 200 : size), bytes);
    if (size != exchange->reply_size) die("a reply of %zu bytes, expected %zu", size, exchange->reply_size);
    *slot = (bytes[id_at] - '0') * 10 + (bytes[id_at + 1] - '0') - FIRST_ID;
    return size;
}

static void resp_check(const struct exchange *exchange) {
    if (exchange->request[0] != '*' || exchange->reply[0] != '$') die("expected a RESP command and a bulk string");
}

static void resp_ask(const struct exchange *exchange, char *room, int slot) {
    (void)slot;
    memcpy(room, exchange->request, exchange->request_size);
}

static size_t resp_hear(const struct exchange *exchange, const char *bytes, size_t count, int *slot) {
    size_t size = count < exchange->reply_size ? count : exchange->reply_size;
    if (memcmp(bytes, exchange->reply, size) != 0) die("not the value: %.*s", (int)(size > 200 ? 200 : size), bytes);
    *slot = -1;
    return size < exchange->reply_size ? 0 : size;
}

static const struct dialect dialects[] = {
    {"json", json_check, json_ask, json_hear},
    {"resp", resp_check, resp_ask, resp_hear},
};

static inline const struct dialect *dialect_named(const char *name) {
    for (size_t index = 0; index < sizeof dialects / sizeof *dialects; index++) {
        if (strcmp(dialects[index].name, name) == 0) return &dialects[index];
    }
    die("%s: expected json or resp", name);
}

#endif
