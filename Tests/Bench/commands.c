// Wall time of two commands, run in turns: from posix_spawn to their end, output thrown away. What the second takes over
// the first is its own.
//
// usage: commands COUNT PROGRAM [ARGUMENT…] -- PROGRAM [ARGUMENT…]    prints one JSON object; times in milliseconds
#include "bench.h"
#include <spawn.h>

extern char **environ;

static uint64_t run(char **command, posix_spawn_file_actions_t *actions) {
    uint64_t begun = now_ns();
    pid_t pid;
    int status, failure = posix_spawn(&pid, command[0], actions, NULL, command, environ);
    if (failure != 0) die("%s: %s", command[0], strerror(failure));
    if (waitpid(pid, &status, 0) != pid || status != 0) die("%s ended with status %d", command[0], status);
    return now_ns() - begun;
}

int main(int argc, char **argv) {
    int divide = 2;
    while (divide < argc && strcmp(argv[divide], "--") != 0) divide++;
    if (divide < 3 || divide + 1 >= argc) die("usage: commands COUNT PROGRAM [ARGUMENT...] -- PROGRAM [ARGUMENT...]");
    die_with_parent();
    argv[divide] = NULL;
    size_t count = (size_t)number(argv[1], 1, 10000);
    uint64_t *first = calloc(count, sizeof *first), *second = calloc(count, sizeof *second);
    if (first == NULL || second == NULL) die("no memory");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    for (size_t index = 0; index < count; index++) {
        first[index] = run(argv + 2, &actions);
        second[index] = run(argv + divide + 1, &actions);
    }
    printf("{");
    print_samples("first", first, count, 1e6);
    printf(",");
    print_samples("second", second, count, 1e6);
    printf("}\n");
    return 0;
}
