// What the measuring programs share: clocks, sockets, percentiles, and giving up with a reason.
#ifndef SESSIOND_BENCH_H
#define SESSIOND_BENCH_H

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// Ids are two digits, so that every request and every reply of a cell has the same size.
#define FIRST_ID 10
#define LAST_ID 99
#define ID_PREFIX "{\"jsonrpc\":\"2.0\",\"id\":"

__attribute__((noreturn, format(printf, 1, 2), unused)) static void die(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "bench: ");
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "\n");
    exit(1);
}

__attribute__((unused)) static uint64_t clock_ns(clockid_t clock) {
    struct timespec time;
    if (clock_gettime(clock, &time) != 0) die("clock_gettime: %s", strerror(errno));
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

__attribute__((unused)) static uint64_t now_ns(void) { return clock_ns(CLOCK_MONOTONIC); }

__attribute__((unused)) static struct sockaddr_un address_of(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) die("%s: too long for a socket's path", path);
    strcpy(address.sun_path, path);
    return address;
}

__attribute__((unused)) static int connect_to(const char *path, int flags) {
    struct sockaddr_un address = address_of(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) die("socket: %s", strerror(errno));
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) die("connect %s: %s", path, strerror(errno));
    if (flags != 0 && fcntl(fd, F_SETFL, flags) != 0) die("fcntl: %s", strerror(errno));
    return fd;
}

// A file's bytes and their number. Ends the program where they do not fit.
__attribute__((unused)) static size_t read_file(const char *path, char *bytes, size_t room) {
    FILE *file = fopen(path, "r");
    if (file == NULL) die("%s: %s", path, strerror(errno));
    size_t size = fread(bytes, 1, room, file);
    if (ferror(file) || size == room) die("%s: cannot be read, or is longer than %zu bytes", path, room - 1);
    fclose(file);
    return size;
}

// The CPU time that the processes of a list such as "12,34" have used up, read from their own clocks: it does not
// depend on how busy the machine is otherwise.
__attribute__((unused)) static uint64_t cpu_ns(const char *pids) {
    uint64_t sum = 0;
    for (const char *rest = pids; *rest != 0;) {
        char *end;
        clockid_t clock;
        long pid = strtol(rest, &end, 10);
        if (end == rest || pid <= 0 || clock_getcpuclockid((pid_t)pid, &clock) != 0) die("no process %s", rest);
        sum += clock_ns(clock);
        rest = *end == ',' ? end + 1 : end;
    }
    return sum;
}

// All of it, waiting for room where the socket has none. 0, or -1 where the peer has gone.
__attribute__((unused)) static int send_all(int fd, const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t written = send(fd, bytes, count, MSG_NOSIGNAL);
        if (written < 0 && errno == EAGAIN) {
            struct pollfd room = {.fd = fd, .events = POLLOUT};
            if (poll(&room, 1, 5000) != 1) die("no room in the socket for 5 s");
            continue;
        }
        if (written < 0) return -1;
        bytes += written;
        count -= (size_t)written;
    }
    return 0;
}

__attribute__((unused)) static void write_all(int fd, const char *bytes, size_t count) {
    if (send_all(fd, bytes, count) != 0) die("send: %s", strerror(errno));
}

// Nothing outlives the benchmark, even where that is killed.
__attribute__((unused)) static void die_with_parent(void) { prctl(PR_SET_PDEATHSIG, SIGKILL); }

// BENCH_CPU, where it is set, is the one CPU to run on.
__attribute__((unused)) static void take_cpu(void) {
    const char *text = getenv("BENCH_CPU");
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    if (text == NULL) return;
    CPU_SET((size_t)strtoul(text, NULL, 10), &cpus);
    if (sched_setaffinity(0, sizeof cpus, &cpus) != 0) die("BENCH_CPU=%s: %s", text, strerror(errno));
}

__attribute__((unused)) static int by_value(const void *left, const void *right) {
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

// {"p50":…,"p99":…,"min":…} in units of `unit` nanoseconds. Sorts the samples.
__attribute__((unused)) static void print_samples(const char *name, uint64_t *samples, size_t count, double unit) {
    qsort(samples, count, sizeof *samples, by_value);
    printf("\"%s\":{\"p50\":%.3f,\"p99\":%.3f,\"min\":%.3f}", name, samples[count / 2] / unit,
           samples[(count * 99) / 100] / unit, samples[0] / unit);
}

__attribute__((unused)) static long number(const char *text, long least, long most) {
    char *end;
    long value = strtol(text, &end, 10);
    if (*text == 0 || *end != 0 || value < least || value > most) {
        die("%s: expected a number from %ld to %ld", text, least, most);
    }
    return value;
}

#endif
