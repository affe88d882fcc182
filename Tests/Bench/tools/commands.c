// Two commands, run in turns, output thrown away: wall time from posix_spawn to their end, and CPU time by wait4(2).
// What the second takes over the first is its own.
//
// usage: commands COUNT PROGRAM [ARGUMENT…] -- PROGRAM [ARGUMENT…]    prints one JSON object; times in milliseconds
#include "bench.h"
#include <spawn.h>
#include <sys/resource.h>

extern char **environ;

struct samples {
    uint64_t *wall, *cpu;
};

static struct samples room_for(size_t count) {
    struct samples samples = {calloc(count, sizeof(uint64_t)), calloc(count, sizeof(uint64_t))};
    if (samples.wall == NULL || samples.cpu == NULL) die("no memory");
    return samples;
}

static uint64_t nanoseconds(struct timeval time) {
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_usec * 1000u;
}

static void run(char **command, posix_spawn_file_actions_t *actions, struct samples samples, size_t index) {
    uint64_t begun = now_ns();
    pid_t pid;
    int status, failure = posix_spawn(&pid, command[0], actions, NULL, command, environ);
    if (failure != 0) die("%s: %s", command[0], strerror(failure));
    struct rusage usage;
    if (wait4(pid, &status, 0, &usage) != pid || status != 0) die("%s ended with status %d", command[0], status);
    samples.wall[index] = now_ns() - begun;
    samples.cpu[index] = nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime);
}

int main(int argc, char **argv) {
    int divide = 2;
    while (divide < argc && strcmp(argv[divide], "--") != 0) divide++;
    if (divide < 3 || divide + 1 >= argc) die("usage: commands COUNT PROGRAM [ARGUMENT...] -- PROGRAM [ARGUMENT...]");
    die_with_parent();
    argv[divide] = NULL;
    size_t count = (size_t)number(argv[1], 1, 10000);
    struct samples first = room_for(count), second = room_for(count);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    for (size_t index = 0; index < count; index++) {
        run(argv + 2, &actions, first, index);
        run(argv + divide + 1, &actions, second, index);
    }
    printf("{");
    print_samples("first", first.wall, count, 1e6);
    printf(",");
    print_samples("firstCPU", first.cpu, count, 1e6);
    printf(",");
    print_samples("second", second.wall, count, 1e6);
    printf(",");
    print_samples("secondCPU", second.cpu, count, 1e6);
    printf("}\n");
    return 0;
}
