// A number in a file of eight bytes that two processes share: one counts in it, the other reads it.
#ifndef SESSIOND_BENCH_COUNTER_H
#define SESSIOND_BENCH_COUNTER_H

#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static inline _Atomic uint64_t *counter_in(const char *path) {
    int fd = open(path, O_RDWR | O_CLOEXEC);
    void *page = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (page == MAP_FAILED) {
        perror(path);
        exit(1);
    }
    close(fd);
    return page;
}

#endif
